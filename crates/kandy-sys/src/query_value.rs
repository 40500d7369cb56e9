//! The types that a query parameter can be set to.

use std::borrow::Cow;

use crate::{AccessToken, ApiKey, ApiSecret, Secret};

/// A value of a query parameter. `None` leaves the parameter out.
pub(crate) trait QueryValue<'a> {
    fn into_text(self) -> Option<Cow<'a, str>>;
}

impl<'a> QueryValue<'a> for &'a str {
    fn into_text(self) -> Option<Cow<'a, str>> {
        Some(Cow::Borrowed(self))
    }
}

impl<'a> QueryValue<'a> for String {
    fn into_text(self) -> Option<Cow<'a, str>> {
        Some(Cow::Owned(self))
    }
}

/// Implements `QueryValue` for credentials.
macro_rules! credentials {
    ($($name:ty)*) => {$(
        impl<'a> QueryValue<'a> for &'a $name {
            fn into_text(self) -> Option<Cow<'a, str>> {
                Some(Cow::Borrowed(self.expose()))
            }
        }
    )*};
}

credentials! { AccessToken ApiKey ApiSecret Secret }

impl<'a> QueryValue<'a> for bool {
    fn into_text(self) -> Option<Cow<'a, str>> {
        Some(Cow::Borrowed(if self { "true" } else { "false" }))
    }
}

impl<'a> QueryValue<'a> for i64 {
    fn into_text(self) -> Option<Cow<'a, str>> {
        Some(Cow::Owned(self.to_string()))
    }
}

impl<'a, V: QueryValue<'a>> QueryValue<'a> for Option<V> {
    fn into_text(self) -> Option<Cow<'a, str>> {
        self.and_then(V::into_text)
    }
}
