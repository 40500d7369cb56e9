//! The JSON Schemas of the envelope.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::{Envelope, NoResult};
use crate::{Status, types::StatusDescription};

impl JsonSchema for NoResult {
    fn schema_name() -> Cow<'static, str> {
        "NoResult".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!(true)
    }
}

impl<T: JsonSchema> JsonSchema for Envelope<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("EnvelopeOf{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let status = generator.subschema_for::<Status>();
        let description = generator.subschema_for::<Option<StatusDescription>>();
        let result = generator.subschema_for::<T>();
        json_schema!({
            "type": "object",
            "required": ["status", "message"],
            "properties": {
                "status": status,
                "message": {"type": ["string", "null"]},
                "status_description": description,
                "result": result,
            },
        })
    }
}
