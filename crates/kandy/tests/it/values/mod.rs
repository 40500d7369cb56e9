//! Results are values: cloned, compared, printed, serialised with the names of the API, read again, and made in tests.

mod examples;
mod ids;
mod round_trip;

use std::{any::type_name, fmt::Debug};

use serde::{Serialize, de::DeserializeOwned};

/// What every result is.
pub(crate) trait IsValue:
    Clone + PartialEq + Debug + Serialize + DeserializeOwned + Send + Sync + 'static
{
}

impl<T: Clone + PartialEq + Debug + Serialize + DeserializeOwned + Send + Sync + 'static> IsValue for T {}

/// Returns the name of a type, or of what it is a list of, without its path.
fn name_of<T: IsValue>() -> &'static str {
    let name = type_name::<T>();
    let name = name.rsplit("::").next().expect("a name");
    name.trim_end_matches('>')
}

/// Serialises a value and reads it again.
#[track_caller]
fn round_trip<T: IsValue>(value: &T) -> (serde_json::Value, T) {
    let json = serde_json::to_string(value).expect("it serialises");
    let read = serde_json::from_str(&json).unwrap_or_else(|error| panic!("{json}: {error}"));
    (serde_json::from_str(&json).expect("JSON"), read)
}
