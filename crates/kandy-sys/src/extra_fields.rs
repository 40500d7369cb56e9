//! Members that the spec does not describe.

use std::{
    fmt,
    ops::{Deref, DerefMut},
};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Members of an object that the spec does not describe, unchanged.
///
/// It derefs to a [`Map`]. Its `Debug` shows names without values, because an unknown value may be a credential.
///
/// ```
/// let extra: kandy_sys::ExtraFields = serde_json::from_str(r#"{"token": "UAT5e4d3c2b1a09f8e7"}"#)?;
/// assert_eq!(extra["token"], "UAT5e4d3c2b1a09f8e7");
/// assert_eq!(format!("{extra:?}"), r#"{"token": …}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct ExtraFields(pub Map<String, Value>);

impl ExtraFields {
    /// Returns whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Deref for ExtraFields {
    type Target = Map<String, Value>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl DerefMut for ExtraFields {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

impl From<Map<String, Value>> for ExtraFields {
    fn from(members: Map<String, Value>) -> Self {
        Self(members)
    }
}

impl From<ExtraFields> for Map<String, Value> {
    fn from(members: ExtraFields) -> Self {
        members.0
    }
}

impl FromIterator<(String, Value)> for ExtraFields {
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(members: I) -> Self {
        Self(members.into_iter().collect())
    }
}

impl IntoIterator for ExtraFields {
    type Item = (String, Value);
    type IntoIter = serde_json::map::IntoIter;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a ExtraFields {
    type Item = (&'a String, &'a Value);
    type IntoIter = serde_json::map::Iter<'a>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl fmt::Debug for ExtraFields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.0.keys().map(|name| (name, format_args!("…")))).finish()
    }
}
