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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::types::{DeviceCreated, UserList};

    fn schema_of<T: JsonSchema>() -> Value {
        SchemaGenerator::default().into_root_schema_for::<T>().into()
    }

    #[test]
    fn each_kind_of_result_has_a_schema_with_a_name_of_its_own() {
        for (schema, title) in [
            (schema_of::<Envelope<UserList>>(), "EnvelopeOfUserList"),
            (schema_of::<Envelope<DeviceCreated>>(), "EnvelopeOfDeviceCreated"),
            (schema_of::<Envelope<NoResult>>(), "EnvelopeOfNoResult"),
        ] {
            assert_eq!(schema["title"], title, "{schema}");
        }
        assert_eq!(NoResult::schema_name(), "NoResult");
    }

    #[test]
    fn a_schema_accepts_the_responses_that_decode() {
        for (json, is_valid) in [
            (json!({"status": 0, "message": "m", "result": {"users": []}}), true),
            (json!({"status": 0, "message": null, "result": {"users": [{"user_id": "russ"}]}}), true),
            (json!({"status": 9, "message": "m", "status_description": {"message": "longer"}}), true),
            (json!({"status": 0, "message": "m", "result": {"users": 7}}), false),
            (json!({"status": 0, "message": 5, "result": {"users": []}}), false),
            (json!({"status": 0, "result": {"users": []}}), false),
            (json!({"message": "m", "result": {"users": []}}), false),
            (json!([]), false),
        ] {
            assert_eq!(jsonschema::is_valid(&schema_of::<Envelope<UserList>>(), &json), is_valid, "{json}");
        }
        for result in [json!(null), json!(5), json!([1]), json!({"a": 1})] {
            let json = json!({"status": 0, "message": "m", "result": result});
            assert!(jsonschema::is_valid(&schema_of::<Envelope<NoResult>>(), &json), "{json}");
        }
        assert_eq!(NoResult::json_schema(&mut SchemaGenerator::default()), json_schema!(true), "a result of any kind");
    }
}
