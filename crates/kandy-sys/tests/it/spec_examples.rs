//! Every example of the spec fits its schema, decodes into its type, and encodes back unchanged. Types and schemas agree.

use std::collections::BTreeSet;

use crate::support::{SpecOperation, operations, resolve, spec};
use jsonschema::Validator;
use kandy_sys::{
    OPERATIONS,
    operation::{RequestBody, ResponseKind},
    schema::{RESPONSES, SCHEMAS, Schema},
};
use serde_json::{Value, json};

/// The spec, with its schemas in JSON Schema.
struct Document {
    spec: Value,
    components: Value,
}

impl Document {
    fn read() -> Self {
        let spec = spec();
        let mut components = spec["components"].clone();
        say_null(&mut components);
        Self { spec, components }
    }

    /// Checks values against a schema that the spec has somewhere.
    fn validator(&self, schema: &Value) -> Validator {
        let mut schema = schema.clone();
        say_null(&mut schema);
        // `components` is there for the references.
        validator(&json!({"allOf": [schema], "components": self.components}))
    }

    fn schemas(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.spec["components"]["schemas"].as_object().expect("schemas").iter().map(|(name, s)| (name.as_str(), s))
    }
}

fn validator(schema: &Value) -> Validator {
    jsonschema::draft202012::new(schema).expect("a schema")
}

/// Converts `nullable` of OpenAPI 3.0 to JSON Schema.
fn say_null(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(say_null),
        Value::Object(members) => {
            members.values_mut().for_each(say_null);
            if members.get("nullable").is_some_and(Value::is_boolean)
                && members.remove("nullable") == Some(Value::Bool(true))
            {
                let rest = Value::Object(std::mem::take(members));
                *value = json!({"anyOf": [rest, {"type": "null"}]});
            }
        }
        _ => {}
    }
}

fn find(schemas: &'static [Schema], name: &str) -> &'static Schema {
    schemas.iter().find(|schema| schema.name == name).unwrap_or_else(|| panic!("no type for {name}"))
}

/// What is wrong with a value, seen from the spec, from the schema of the type and from the type.
fn problems(document: &Document, described: &Value, schema: &Schema, value: &Value) -> Vec<String> {
    let invalid = |who: &str, validator: Validator| -> Vec<String> {
        validator.iter_errors(value).map(|error| format!("{who}: {error} at {}", error.instance_path())).collect()
    };
    let mut problems = invalid("spec", document.validator(described));
    problems.extend(invalid("type", validator(schema.json_schema().as_value())));
    match schema.round_trip(&value.to_string()) {
        Err(error) => problems.push(format!("decode: {error}")),
        Ok(back) if back != *value => problems.push(format!("comes back as {back}")),
        Ok(_) => {}
    }
    problems
}

fn check(document: &Document, described: &Value, schema: &Schema, example: &Value) {
    assert!(!example.is_null(), "{} has no example", schema.name);
    assert_eq!(problems(document, described, schema, example), [""; 0], "{}: {example}", schema.name);
}

fn component(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.strip_prefix("#/components/schemas/")
}

#[test]
fn schema_examples_round_trip() {
    let document = Document::read();
    for (name, schema) in document.schemas() {
        check(&document, schema, find(SCHEMAS, name), &schema["example"]);
    }
    assert_eq!(document.schemas().count(), SCHEMAS.len());
    assert!(SCHEMAS.len() >= 43, "schemas were lost");
}

#[test]
fn request_examples_round_trip() {
    let document = Document::read();
    let mut checked = 0;
    for operation in operations(&document.spec) {
        let body = &operation.value["requestBody"]["content"]["application/json"];
        if let Some(name) = component(&body["schema"]) {
            check(&document, &body["schema"], find(SCHEMAS, name), &body["example"]);
            checked += 1;
        }
    }
    assert_eq!(checked, OPERATIONS.iter().filter(|operation| matches!(operation.body, RequestBody::Json(_))).count());
    assert!(checked >= 30, "bodies were lost");
}

#[test]
fn response_examples_round_trip() {
    let document = Document::read();
    let mut checked = 0;
    for operation in operations(&document.spec) {
        // A fault is an response of every operation.
        for code in ["200", "4XX", "5XX"] {
            let response = operation.response(&document.spec, code);
            // A fault may be an envelope instead of the file.
            let ty = RESPONSES.iter().find(|response| response.name == operation.id);
            check(&document, &response["schema"], ty.unwrap_or(find(RESPONSES, "user_delete")), &response["example"]);
            checked += 1;
        }
    }
    let files = OPERATIONS.iter().filter(|operation| operation.response == ResponseKind::File).count();
    assert_eq!(checked, 3 * OPERATIONS.len());
    assert_eq!(RESPONSES.len(), OPERATIONS.len() - files);
    assert!(!OPERATIONS.is_empty(), "operations were lost");
}

#[test]
fn parameter_examples_fit() {
    let document = Document::read();
    let parameters =
        |operation: SpecOperation| operation.parameters(&document.spec).into_iter().cloned().collect::<Vec<_>>();
    let mut checked = 0;
    for parameter in operations(&document.spec).into_iter().flat_map(parameters) {
        let example = &parameter["example"];
        match component(&parameter["schema"]) {
            Some(name) => check(&document, &parameter["schema"], find(SCHEMAS, name), example),
            None => assert!(document.validator(&parameter["schema"]).is_valid(example), "{parameter}"),
        }
        checked += 1;
    }
    // The table counts the API key of a token operation too, which the spec has as its security.
    let in_table = OPERATIONS.iter().flat_map(|operation| operation.parameters).filter(|p| p.name != "key").count();
    assert_eq!(checked, in_table);
    assert!(checked >= 25, "parameters were lost");
}

#[test]
fn types_have_the_properties_of_their_schemas() {
    let document = Document::read();
    let names = |value: &Value| -> BTreeSet<String> {
        value.as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect()
    };
    let texts = |value: &Value| -> BTreeSet<String> {
        value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let mut compared = 0;
    for (name, schema) in document.schemas() {
        let derived = find(SCHEMAS, name).json_schema().to_value();
        let mut described = names(&schema["properties"]);
        match name {
            // Rust has one spelling of it; the other one is an extra field.
            "PendingMessage" => assert!(described.remove("content_type")),
            // The one type of all responses, those with a result included.
            "Envelope" => assert!(described.insert("result".into())),
            _ => {}
        }
        assert_eq!(names(&derived["properties"]), described, "{name}");
        assert_eq!(texts(&derived["required"]), texts(&schema["required"]), "{name}");
        assert_ne!(derived["additionalProperties"], false, "{name}: it must accept members that the service adds");
        compared += described.len();
    }
    assert!(compared > 100, "only {compared} properties were compared");
}

#[test]
fn response_without_result_accepts_any_result() {
    let schema = find(RESPONSES, "user_delete");
    let validator = validator(schema.json_schema().as_value());
    for result in [json!(null), json!({}), json!({"user": 1}), json!([]), json!("OK"), json!(5)] {
        let response = json!({"status": 0, "message": "User Deleted", "result": result});
        assert!(validator.is_valid(&response), "{response}");
        let back = schema.round_trip(&response.to_string()).expect("an response");
        assert_eq!(back, json!({"status": 0, "message": "User Deleted"}));
    }
}

/// These checks can fail: a member of another kind is noticed by each of the three.
#[test]
fn corrupt_examples_are_rejected() {
    let document = Document::read();
    let mut corrupted = 0;
    for (name, schema) in document.schemas() {
        for member in schema["properties"].as_object().into_iter().flat_map(|properties| properties.keys()) {
            let mut example = schema["example"].clone();
            // Nothing in the API is a list of lists.
            example[member] = json!([[]]);
            let problems = problems(&document, schema, find(SCHEMAS, name), &example);
            for who in ["spec", "type", "decode"] {
                let is_noticed = problems.iter().any(|problem| problem.starts_with(who));
                assert!(is_noticed || forgives(name, member, who), "{name}.{member}: not by {who}: {problems:?}");
            }
            corrupted += 1;
        }
    }
    assert!(corrupted > 100, "only {corrupted} members were corrupted");
}

/// What may be of any kind.
fn forgives(schema: &str, member: &str, who: &str) -> bool {
    match (schema, member) {
        // Messages for humans, which must not prevent decoding.
        ("Envelope", "message" | "status_description") => who == "decode",
        // It is an extra field.
        ("PendingMessage", "content_type") => who != "spec",
        _ => false,
    }
}

#[test]
fn examples_without_required_members_are_rejected() {
    let document = Document::read();
    let mut removed = 0;
    for (name, schema) in document.schemas() {
        for member in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            let mut example = schema["example"].clone();
            example.as_object_mut().and_then(|example| example.remove(member)).expect("in the example");
            let problems = problems(&document, schema, find(SCHEMAS, name), &example);
            assert!(problems.iter().any(|problem| problem.starts_with("spec")), "{name}.{member}");
            assert!(problems.iter().any(|problem| problem.starts_with("type")), "{name}.{member}");
            removed += 1;
        }
    }
    assert!(removed >= 15, "only {removed} members were removed");
}

#[test]
fn null_fits_nullable_schemas_only() {
    let document = Document::read();
    let validator = document.validator(&json!({"$ref": "#/components/schemas/Sender"}));
    assert!(validator.is_valid(&json!({"user_id": null, "domain_name": null, "full_user_id": null})));
    let validator = document.validator(&json!({"$ref": "#/components/schemas/SmsText"}));
    assert!(!validator.is_valid(&json!({"text": null})));
    let sender =
        resolve(&document.spec, &document.spec["components"]["schemas"]["PendingMessage"]["properties"]["sender"]);
    assert!(document.validator(sender).is_valid(&Value::Null));
    assert!(!document.validator(sender).is_valid(&json!("russ")));
}
