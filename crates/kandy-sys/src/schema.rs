//! The types by the names of their schemas in the spec, with their JSON Schemas. The lists are generated into `schemas`.
//!
//! ```
//! use kandy_sys::schema::SCHEMAS;
//!
//! let user = SCHEMAS.iter().find(|schema| schema.name == "User").expect("part of the API");
//! assert!(user.json_schema().to_value()["properties"]["user_id"].is_object());
//! ```

use serde::{Serialize, de::DeserializeOwned};

pub use crate::schemas::{RESPONSES, SCHEMAS};

/// A type with a name.
#[derive(Debug)]
#[non_exhaustive]
pub struct Schema {
    /// The name of a schema of the spec, or the id of an operation for its response.
    pub name: &'static str,
    json_schema: fn() -> schemars::Schema,
    round_trip: fn(&str) -> serde_json::Result<serde_json::Value>,
}

impl Schema {
    pub(crate) const fn of<T: schemars::JsonSchema + Serialize + DeserializeOwned>(name: &'static str) -> Self {
        Self { name, json_schema: schema_of::<T>, round_trip: round_trip::<T> }
    }

    /// Returns the JSON Schema of the type (draft 2020-12).
    pub fn json_schema(&self) -> schemars::Schema {
        (self.json_schema)()
    }

    /// Decodes a JSON text into the type and encodes it again.
    ///
    /// # Errors
    ///
    /// When the text does not decode into the type.
    pub fn round_trip(&self, json: &str) -> serde_json::Result<serde_json::Value> {
        (self.round_trip)(json)
    }
}

fn schema_of<T: schemars::JsonSchema>() -> schemars::Schema {
    schemars::SchemaGenerator::default().into_root_schema_for::<T>()
}

fn round_trip<T: Serialize + DeserializeOwned>(json: &str) -> serde_json::Result<serde_json::Value> {
    serde_json::to_value(serde_json::from_str::<T>(json)?)
}
