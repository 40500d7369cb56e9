//! A change of the spec arrives in everything that is generated from it.

mod support;

use serde_json::json;
use support::{generate, object, read, spec, text};
use xtask::SPEC;

#[test]
fn generates_what_is_committed() {
    let outputs = xtask::generate(&read(SPEC)).expect("the committed spec");
    assert_eq!(outputs.len(), 4);
    for output in outputs {
        // No `assert_eq`, which would print both files.
        assert!(output.text == read(output.path), "{} is stale; run `cargo xtask generate`", output.path);
    }
}

#[test]
fn says_in_its_first_line_what_made_it_and_from_what() {
    for output in generate(&spec()).expect("the committed spec") {
        let first = output.text.lines().next().unwrap_or_default();
        for part in ["@generated", "`cargo xtask generate`", "progenitor 0.", SPEC, "Do not edit"] {
            assert!(first.contains(part), "{}: no {part:?} in {first:?}", output.path);
        }
    }
}

#[test]
fn generates_the_same_twice() {
    let texts = || generate(&spec()).expect("the committed spec").into_iter().map(|output| output.text);
    assert!(texts().eq(texts()));
}

#[test]
fn a_new_operation_and_a_new_property_arrive_everywhere() {
    let mut spec = spec();
    object(&mut spec, "/paths").insert(
        "/users/details/limited".into(),
        json!({"get": {
            "operationId": "user_limited_get",
            "tags": ["User"],
            "summary": "Get a few details of a user",
            "description": "Answers little.",
            "x-kandy-confidence": "C",
            "x-kandy-idempotent": false,
            "security": [{"user_access_token": []}],
            "parameters": [
                {"name": "user_id", "in": "query", "required": true, "description": "Whom.",
                 "schema": {"type": "string"}, "example": "russ"},
                {"name": "user_password", "in": "query", "description": "Proof.",
                 "schema": {"$ref": "#/components/schemas/Secret"}, "example": "s3cret"},
            ],
            "responses": {
                "200": {"description": "Little.", "content": {"application/json": {
                    "schema": {"allOf": [
                        {"$ref": "#/components/schemas/Envelope"},
                        {"type": "object", "properties": {"result": {"$ref": "#/components/schemas/Sender"}}},
                    ]},
                    "example": {"status": 0, "message": "success", "result": {"user_id": "russ"}},
                }}},
                "4XX": {"$ref": "#/components/responses/Fault"},
            },
        }}),
    );
    object(&mut spec, "/components/schemas/Sender/properties").insert(
        "nickName".into(),
        json!({"type": "string", "nullable": true, "description": "What friends call the user."}),
    );

    let outputs = generate(&spec).expect("a spec in forms that are known");

    // Spaces depend on the length of lines, which is of no interest here.
    let squeezed = |file: &str| text(&outputs, file).split_whitespace().collect::<Vec<_>>().join(" ");
    let expect = |file: &str, part: &str| {
        assert!(squeezed(file).contains(part), "not in {file}: {part}");
        let committed = read(&format!("crates/kandy-sys/src/{file}")).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(!committed.contains(part), "in {file} before the change already: {part}");
    };
    expect(
        "generated.rs",
        "pub async fn user_limited_get<'a>( &'a self, user_id: &'a str, \
         user_password: Option<&'a ::kandy_sys::Secret>, ) \
         -> Result<ResponseValue<::kandy_sys::Envelope<types::Sender>>, crate::Error> {",
    );
    expect(
        "generated.rs",
        "/// What friends call the user. \
         #[serde( rename = \"nickName\", skip_serializing_if = \"::std::option::Option::is_none\" )] \
         pub nick_name: ::std::option::Option<::std::string::String>,",
    );
    expect(
        "operations.rs",
        "id: \"user_limited_get\", tag: \"User\", method: ::http::Method::GET, path: \"/users/details/limited\", \
         summary: \"Get a few details of a user\", credential: Credential::AccessToken(Level::User), \
         idempotent: false, confidence: Confidence::C, \
         parameters: &[ Parameter { name: \"user_id\", required: true, secret: false, description: \"Whom.\", }, \
         Parameter { name: \"user_password\", required: false, secret: true, description: \"Proof.\", }, ], \
         body: None, result: Some(\"Sender\"),",
    );
    expect("schemas.rs", "Schema::of::<crate::Envelope<crate::types::Sender>>(\"user_limited_get\")");
}
