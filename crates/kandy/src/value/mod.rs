//! Converts results from and to the generated types, whose serde attributes hold the names of the API. [`value`] makes
//! both conversions, `Serialize` and `Deserialize` from one list of fields. Depends on `auth` and `id`; begin reading at
//! [`Value`].

mod credentials_left_out;
mod field;

pub(crate) use credentials_left_out::{serialize_extra, without_credentials};
pub(crate) use field::{Field, Origin, Scalar};

/// A result that is read from a generated type, and written as one.
pub(crate) trait Value<W>: Sized {
    /// Reads the generated type. The error is the name of a missing field.
    fn read(wire: W, origin: Origin) -> ::std::result::Result<Self, &'static str>;

    /// Returns the generated type, without credentials.
    fn write(&self) -> W;
}

/// Implements `Serialize` and `Deserialize` for a [`Value`] by its generated type.
macro_rules! serde_by {
    ($name:ident, $wire:ident) => {
        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error> {
                ::serde::Serialize::serialize(
                    &$crate::value::Value::<::kandy_sys::types::$wire>::write(self),
                    serializer,
                )
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                let wire = <::kandy_sys::types::$wire as ::serde::Deserialize>::deserialize(deserializer)?;
                $crate::value::Value::read(wire, $crate::value::Origin::Stored)
                    .map_err(<D::Error as ::serde::de::Error>::missing_field)
            }
        }
    };
}

/// Converts the generated type into a result that requires no field, also as a field of another result.
macro_rules! from_generated {
    ($name:ident as $wire:ident) => {
        impl From<::kandy_sys::types::$wire> for $name {
            fn from(wire: ::kandy_sys::types::$wire) -> Self {
                // Reading fails for a missing field only, and none is required.
                $crate::value::Value::read(wire, $crate::value::Origin::Response).unwrap_or_default()
            }
        }

        impl $crate::value::Scalar<::kandy_sys::types::$wire> for $name {
            fn read(wire: ::kandy_sys::types::$wire) -> Option<Self> {
                Some(wire.into())
            }

            fn write(&self) -> Option<::kandy_sys::types::$wire> {
                Some($crate::value::Value::write(self))
            }
        }
    };
}

/// Implements [`Value`] for a result from the list of its fields: `ours: theirs`, or `ours: theirs | other` where the
/// service has two spellings. Both are read, and the first is written.
///
/// The generated type is taken apart and built without `..`, so that a new field of the spec does not compile before it
/// is in the list.
macro_rules! fields {
    ($name:ident as $wire:ident $(, completed by $complete:ident)? {
        $($field:ident: $first:ident $(| $other:ident)?),* $(,)?
    }) => {
        impl $crate::value::Value<::kandy_sys::types::$wire> for $name {
            fn read(
                wire: ::kandy_sys::types::$wire,
                origin: $crate::value::Origin,
            ) -> ::std::result::Result<Self, &'static str> {
                $(let wire = $complete(wire)?;)?
                let ::kandy_sys::types::$wire { $($first, $($other,)?)* } = wire;
                Ok(Self {
                    $($field: $crate::value::Field::read($first$(.or($other))?, origin)
                        .ok_or(stringify!($first))?,)*
                })
            }

            fn write(&self) -> ::kandy_sys::types::$wire {
                ::kandy_sys::types::$wire {
                    $($first: $crate::value::Field::write(&self.$field), $($other: None,)?)*
                }
            }
        }
    };
}

/// Implements [`Value`], `Serialize` and `Deserialize` for a result from the list of its fields, as [`fields`] takes it.
/// A result that keeps all fields of an object of unknown form in `extra` has no list.
macro_rules! value {
    ($name:ident as $wire:ident $(, completed by $complete:ident)? { $($fields:tt)* }) => {
        $crate::value::fields!($name as $wire $(, completed by $complete)? { $($fields)* });
        $crate::value::serde_by!($name, $wire);
    };
    ($name:ident as $wire:ident) => {
        impl $crate::value::Value<::kandy_sys::types::$wire> for $name {
            fn read(wire: ::kandy_sys::types::$wire, _: $crate::value::Origin) -> ::std::result::Result<Self, &'static str> {
                Ok(Self { extra: wire.into() })
            }

            fn write(&self) -> ::kandy_sys::types::$wire {
                $crate::value::without_credentials(&self.extra).into()
            }
        }

        $crate::value::serde_by!($name, $wire);
    };
}

/// Implements `IntoIterator` for a result that is a list, by value and by reference.
macro_rules! iterate {
    ($name:ident by $field:ident: $item:ty) => {
        impl IntoIterator for $name {
            type Item = $item;
            type IntoIter = ::std::vec::IntoIter<$item>;

            fn into_iter(self) -> Self::IntoIter {
                self.$field.into_iter()
            }
        }

        impl<'a> IntoIterator for &'a $name {
            type Item = &'a $item;
            type IntoIter = ::std::slice::Iter<'a, $item>;

            fn into_iter(self) -> Self::IntoIter {
                self.$field.iter()
            }
        }
    };
}

pub(crate) use {fields, from_generated, iterate, serde_by, value};
