//! The generated files follow from the spec.

use std::collections::BTreeMap;

use crate::support::{committed_chapters, generate, object, output_count, read, source, spec, text};
use serde_json::json;
use xtask::{SPEC, chapters};

#[test]
fn committed_files_are_up_to_date() {
    let outputs = xtask::generate(&source()).expect("the committed spec");
    assert_eq!(outputs.len(), output_count());
    for output in outputs {
        // No `assert_eq`, which would print both files.
        assert!(output.text == read(&output.path), "{} is stale; run `cargo xtask generate`", output.path);
    }
}

#[test]
fn published_spec_is_up_to_date() {
    let directory = kandy_checkout::expect_root().join(chapters::CHAPTERS);
    assert!(
        chapters::read(&directory).expect("chapters").text() == read(SPEC),
        "{SPEC} is stale; run `cargo xtask generate`"
    );
}

#[test]
fn unknown_and_missing_chapters_are_rejected() {
    let merge_error = |change: fn(&mut BTreeMap<String, String>)| {
        let mut chapters = committed_chapters();
        change(&mut chapters);
        chapters::merge(chapters).expect_err("it is merge_error").to_string()
    };
    assert!(chapters::merge(committed_chapters()).is_ok());
    let error = merge_error(|chapters| drop(chapters.remove("group")));
    assert!(error.contains("group.yaml"), "{error}");
    let error = merge_error(|chapters| drop(chapters.insert("fax".into(), "paths:\n".into())));
    assert!(error.contains("fax.yaml"), "{error}");
    let error = merge_error(|chapters| chapters.get_mut("group").expect("there").push_str("servers: []\n"));
    assert!(error.contains("group.yaml") && error.contains("servers"), "{error}");
    let error =
        merge_error(|chapters| chapters.get_mut("group").expect("there").push_str("components:\n  links: {}\n"));
    assert!(error.contains("group.yaml") && error.contains("links"), "{error}");
}

#[test]
fn first_line_names_the_generator() {
    for output in generate(&spec()).expect("the committed spec") {
        let first = output.text.lines().next().unwrap_or_default();
        for part in ["@generated", "`cargo xtask generate`", "progenitor 0.", SPEC, "Do not edit"] {
            assert!(first.contains(part), "{}: no {part:?} in {first:?}", output.path);
        }
    }
}

#[test]
fn output_is_deterministic() {
    let texts = || generate(&spec()).expect("the committed spec").into_iter().map(|output| output.text);
    assert!(texts().eq(texts()));
}

#[test]
fn new_operation_and_property_reach_every_file() {
    let mut spec = spec();
    object(&mut spec, "/paths").insert(
        "/users/details/tiny".into(),
        json!({"get": {
            "operationId": "user_tiny_get",
            "tags": ["User"],
            "summary": "Get a few details of a user",
            "description": "Returns few details.",
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

    object(&mut spec, "/components/schemas/Sender/properties").insert(
        "pass_phrases".into(),
        json!({"type": "array", "description": "Proofs.", "items": {"$ref": "#/components/schemas/Secret"}}),
    );

    let outputs = generate(&spec).expect("a spec in forms that are known");

    // Ignore line breaks, which depend on the length of lines.
    let squeezed = |file: &str| text(&outputs, file).split_whitespace().collect::<Vec<_>>().join(" ");
    let expect = |file: &str, part: &str| {
        assert!(squeezed(file).contains(part), "not in {file}: {part}");
        let committed = read(&format!("crates/kandy-sys/src/{file}")).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(!committed.contains(part), "in {file} before the change already: {part}");
    };
    expect(
        "generated/user.rs",
        "pub fn user_tiny_get<'a>( &'a self, user_id: &'a str, \
         user_password: Option<&'a ::kandy_sys::Secret>, ) \
         -> crate::Call<'a, ::kandy_sys::Envelope<types::Sender>> { \
         self.call(const { crate::Operation::named(\"user_tiny_get\") }) \
         .query(\"user_id\", user_id) .query(\"user_password\", user_password) }",
    );
    expect(
        "generated/types.rs",
        "/// What friends call the user. \
         #[serde(rename = \"nickName\", skip_serializing_if = \"::std::option::Option::is_none\")] \
         pub nick_name: ::std::option::Option<::std::string::String>,",
    );
    expect(
        "operations.rs",
        "id: \"user_tiny_get\", tag: \"User\", method: ::http::Method::GET, path: \"/users/details/tiny\", version: \"v1.2\", \
         summary: \"Get a few details of a user\", credentials: &[Credential::AccessToken(Level::User)], \
         idempotent: false, confidence: Confidence::C, \
         parameters: &[ Parameter { name: \"user_id\", required: true, secret: false, description: \"Whom.\", }, \
         Parameter { name: \"user_password\", required: false, secret: true, description: \"Proof.\", }, ], \
         body: RequestBody::None, response: ResponseKind::Result(\"Sender\"),",
    );
    expect("credentials.rs", "\"key\", \"pass_phrases\", \"user_access_token\"");
    expect("credentials.rs", "\"nickName\",");
    expect("schemas.rs", "Schema::of::<crate::Envelope<crate::types::Sender>>(\"user_tiny_get\")");
}

/// Each kind of credential is a type of its own in a call and in a result, so that the compiler rejects two that are
/// swapped. All are secret in the tables that the masks read.
#[test]
fn each_schema_of_a_credential_becomes_its_own_type() {
    for kind in ["Secret", "ApiKey", "ApiSecret", "AccessToken"] {
        let reference = json!({"$ref": format!("#/components/schemas/{kind}")});
        let mut spec = spec();
        let get = object(&mut spec, "/paths/~1domains~1accesstokens/get");
        get["parameters"] = json!([
            {"name": "proof", "in": "query", "required": true, "description": "Proof.", "schema": reference, "example": "s3cret"},
        ]);
        object(&mut spec, "/components/schemas/Sender/properties")
            .insert("token_of_sender".into(), json!({"description": "Proof.", "allOf": [reference]}));

        let outputs = generate(&spec).expect("a spec in forms that are known");
        let expect = |file: &str, part: &str| {
            // Ignore line breaks, which depend on the length of lines.
            let squeezed = text(&outputs, file).split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(squeezed.contains(part), "{kind}: not in {file}: {part}");
        };
        // The operation is authorised by an API key, which is an argument of its call.
        expect(
            "generated/domain.rs",
            &format!(
                "pub fn domain_access_token_get<'a>( &'a self, key: &'a ::kandy_sys::ApiKey, \
                 proof: &'a ::kandy_sys::{kind}, )"
            ),
        );
        expect("generated/types.rs", &format!("pub token_of_sender: ::std::option::Option<::kandy_sys::{kind}>,"));
        expect(
            "operations.rs",
            "Parameter { name: \"proof\", required: true, secret: true, description: \"Proof.\", }",
        );
        for name in ["proof", "token_of_sender"] {
            let table = text(&outputs, "credentials.rs");
            let (secret, _) =
                table.split_once("SECRET_FIELDS").expect("the list of secrets").1.split_once("];").expect("its end");
            assert!(secret.contains(&format!("\"{name}\"")), "{kind}: `{name}` is not secret");
        }
        expect("schemas.rs", &format!("Schema::of::<crate::{kind}>(\"{kind}\")"));
    }
}
