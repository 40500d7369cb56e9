//! Operations of the tag Verification.

use serde_json::{Value, json};

use crate::fixture::{Domain, Kandy, is_credential};

fn number(number: &str, country: &str) -> Value {
    json!({"user_phone_number": number, "user_country_code": country})
}

impl Kandy {
    /// Sends a code to a phone number, and returns the code.
    async fn code(&self, domain: &Domain, phone_number: &str, country: &str) -> String {
        let key = [("key", domain.token.as_str())];
        let sent = self.post("verification_code_send", &key, &number(phone_number, country)).await;
        assert_eq!(sent.status(), 0);
        self.emulator.verification_codes().pop().expect("the last one").code
    }

    async fn is_valid(&self, domain: &Domain, query: &[(&str, &str)]) -> bool {
        let query = [&[("key", domain.token.as_str())], query].concat();
        let checked = self.call("verification_code_check", &query).await;
        checked.result()["valid"].as_bool().expect("a flag")
    }
}

/// Another code.
fn other(code: &str) -> &'static str {
    if code == "1234" { "4321" } else { "1234" }
}

#[tokio::test]
async fn sends_code() {
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    let code = kandy.code(&domain, "4034932232", "US").await;
    assert!(code.len() == 4 && code.bytes().all(|digit| digit.is_ascii_digit()), "{code}");
    let expected = json!({"verifications": [
        {"domain_name": "example.com", "country_code": "1", "phone_number": "4034932232", "code": code},
    ]});
    let tool: Value =
        kandy.http.get(kandy.admin_url("verifications")).send().await.expect("sent").json().await.expect("JSON");
    assert_eq!(tool, expected);
    let refused = kandy.http.post(kandy.admin_url("verifications")).send().await.expect("sent");
    assert_eq!(refused.status(), 405);

    let key = [("key", domain.token.as_str())];
    for (body, status) in [
        (json!({}), 15),
        (json!({"user_phone_number": "4034932232"}), 15),
        (json!({"user_country_code": "US"}), 15),
        (number("", "US"), 15),
        (number("4034932232", "XX"), 54),
        (number("403", "US"), 16),
        (number("+442079460018", "US"), 16),
        (number("403/4932232", "US"), 16),
        (number("4034932232 x5", "US"), 16),
        (json!({"user_phone_number": [], "user_country_code": "US"}), 16),
    ] {
        assert_eq!(kandy.post("verification_code_send", &key, &body).await.status(), status, "{body}");
    }
    assert_eq!(kandy.emulator.verification_codes().len(), 1);
    assert!(kandy.emulator.sms().is_empty(), "it is of no user");
}

#[tokio::test]
async fn accepts_json_form_and_query() {
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    let key = [("key", domain.token.as_str())];
    let operation = "verification_code_send";
    let body = number("4034932232", "US");
    for (sent, (form, request)) in (1..).zip([
        ("JSON", kandy.request(operation, &key).json(&body)),
        ("a form", kandy.request(operation, &key).form(&number("4034932233", "+1"))),
        ("the query", kandy.request(operation, &key).query(&number("4034932234", "1"))),
        (
            "numbers",
            kandy.request(operation, &key).json(&json!({"user_phone_number": 4034932235_u64, "user_country_code": 1})),
        ),
    ]) {
        assert_eq!(kandy.send(operation, request).await.status(), 0, "{form}");
        assert_eq!(kandy.emulator.verification_codes().len(), sent, "{form}");
    }
}

#[tokio::test]
async fn checks_code_with_and_without_number() {
    let kandy = Kandy::start();
    let (domain, elsewhere) = (kandy.domain("example.com").await, kandy.domain("example.org").await);
    let code = kandy.code(&domain, "4034932232", "US").await;
    let code = code.as_str();
    for (query, valid) in [
        (vec![("validation_code", code)], true),
        (vec![("validation_code", code), ("user_phone_number", "4034932232")], true),
        (vec![("validation_code", code), ("user_phone_number", "4034932232"), ("user_country_code", "US")], true),
        (vec![("validation_code", code), ("user_phone_number", "4034932232"), ("user_country_code", "+1")], true),
        (vec![("validation_code", code), ("user_country_code", "CA")], true),
        (vec![("validation_code", code), ("user_phone_number", "(403) 493-2232")], true),
        (vec![("validation_code", code), ("user_phone_number", "+1 403 493 2232")], true),
        (vec![("validation_code", code), ("user_phone_number", "4034932232"), ("user_country_code", "UA")], false),
        (vec![("validation_code", code), ("user_phone_number", "4034932233")], false),
        (vec![("validation_code", other(code))], false),
        (vec![("validation_code", "nonsense")], false),
        (vec![("validation_code", "٣٣٣")], false),
    ] {
        assert_eq!(kandy.is_valid(&domain, &query).await, valid, "{query:?}");
    }
    assert!(!kandy.is_valid(&elsewhere, &[("validation_code", code)]).await, "another domain");
    assert!(kandy.is_valid(&domain, &[("validation_code", code)]).await, "a check does not use it up");

    for (query, status) in [
        (vec![("key", domain.token.as_str())], 15),
        (vec![("key", &domain.token), ("validation_code", "")], 15),
        (vec![("key", &domain.token), ("validation_code", code), ("user_country_code", "XX")], 54),
        (vec![("key", &domain.key), ("validation_code", code)], 55),
    ] {
        assert_eq!(kandy.call("verification_code_check", &query).await.status(), status, "{query:?}");
    }
}

#[tokio::test]
async fn last_code_of_a_number_counts() {
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    let first = kandy.code(&domain, "4034932232", "US").await;
    let mut last = kandy.code(&domain, "4034932232", "US").await;
    while last == first {
        last = kandy.code(&domain, "4034932232", "US").await;
    }
    assert!(!kandy.is_valid(&domain, &[("validation_code", &first)]).await);
    assert!(kandy.is_valid(&domain, &[("validation_code", &last)]).await);
    assert_eq!(kandy.emulator.verification_codes().len(), 1);
}

#[tokio::test]
async fn registration_creates_user_and_device() {
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    let key = [("key", domain.token.as_str())];
    let code = kandy.code(&domain, "4034932232", "UA").await;
    let body = |code: &str| {
        json!({
            "user_phone_number": "4034932232",
            "user_country_code": "UA",
            "validation_code": code,
            "device_native_id": "3456",
        })
    };
    for member in ["user_phone_number", "user_country_code", "validation_code", "device_native_id"] {
        let mut body = body(&code);
        body[member] = Value::Null;
        assert_eq!(kandy.post("registration_create", &key, &body).await.status(), 15, "{member}");
    }
    assert_eq!(kandy.post("registration_create", &key, &body(other(&code))).await.status(), 16);
    assert_eq!(kandy.emulator.state().users, 0, "a refusal does nothing");

    let query = [key[0], ("client_sw_version", "2.2.1"), ("client_sw_type", "JS")];
    let created = kandy.post("registration_create", &query, &body(&code)).await;
    assert_eq!((created.text("user_id"), created.text("domain_name")), ("3804034932232".into(), "example.com".into()));
    assert_eq!(created.text("full_user_id"), "3804034932232@example.com");
    let token = created.text("user_access_token");
    assert!(is_credential(&token, "UAT"));
    let devices = kandy.call("device_list", &[("key", &token)]).await;
    let device = &devices.result()["devices"][1];
    assert_eq!(
        (&device["id"], &device["nativeID"], &device["clientVersion"]),
        (&json!(created.text("device_id")), &json!("3456"), &json!("2.2.1"))
    );
    let details = kandy.call("user_get", &[key[0], ("user_access_token", &token)]).await;
    assert_eq!(details.result()["user"]["user_country_code"], "380");
    assert_eq!(details.result()["user"]["user_phone_number"], "4034932232");

    // The code is used up; with another one the same user gets one more device.
    assert!(!kandy.is_valid(&domain, &[("validation_code", &code)]).await);
    assert_eq!(kandy.post("registration_create", &key, &body(&code)).await.status(), 16);
    let code = kandy.code(&domain, "4034932232", "+380").await;
    let again = kandy.post("registration_create", &key, &body(&code)).await;
    assert_eq!(again.text("full_user_id"), "3804034932232@example.com");
    let state = kandy.emulator.state();
    assert_eq!((state.users, state.devices), (1, 3));
}

#[tokio::test]
async fn code_is_valid_for_one_number() {
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    let code = kandy.code(&domain, "4034932232", "US").await;
    let mut body = number("4034932233", "US");
    body["validation_code"] = json!(code);
    body["device_native_id"] = json!("3456");
    assert_eq!(kandy.post("registration_create", &[("key", &domain.token)], &body).await.status(), 16);
    body["user_phone_number"] = json!("4034932232");
    let form = kandy.request("registration_create", &[("key", &domain.token)]).form(&body);
    assert_eq!(kandy.send("registration_create", form).await.status(), 0, "as a form");
}

#[tokio::test]
async fn deleting_a_domain_deletes_its_codes() {
    let kandy = Kandy::start();
    let (domain, stays) = (kandy.domain("example.com").await, kandy.domain("example.org").await);
    let code = kandy.code(&domain, "4034932232", "US").await;
    kandy.code(&stays, "4034932232", "US").await;
    let account = kandy.account_token().await;
    kandy.call("domain_delete", &[("key", &account), ("domain_api_key", &domain.key)]).await;
    let codes = kandy.emulator.verification_codes();
    assert_eq!(codes.iter().map(|code| code.domain_name.as_str()).collect::<Vec<_>>(), ["example.org"]);
    let domain = kandy.domain("example.com").await;
    assert!(!kandy.is_valid(&domain, &[("validation_code", &code)]).await);
    kandy.emulator.reset();
    assert!(kandy.emulator.verification_codes().is_empty());
}

#[tokio::test]
async fn configuration_has_a_token() {
    let kandy = Kandy::start();
    let (domain, other) = (kandy.domain("example.com").await, kandy.domain("example.org").await);
    let credentials = [("key", domain.key.as_str()), ("domain_api_secret", domain.secret.as_str())];
    let configuration = kandy.call("configuration_get", &credentials).await;
    let token = configuration.text("domain_access_token");
    assert!(is_credential(&token, "DAT") && token != domain.token);
    assert_eq!(kandy.call("user_list", &[("key", &token)]).await.status(), 0);
    assert_eq!(configuration.text("domain_name"), "example.com");
    let spidr = &configuration.result()["spidr_configuration"];
    assert_eq!((&spidr["REST_server_address"], &spidr["REST_server_port"]), (&json!("127.0.0.1"), &kandy.port()));
    let alone = kandy.call("domain_spidr_configuration_get", &[("key", &domain.token)]).await;
    assert_eq!(&alone.result()["spidr_configuration"], spidr);

    for (query, status) in [
        (vec![credentials[0]], 15),
        (vec![credentials[1]], 15),
        (vec![credentials[0], ("domain_api_secret", &other.secret)], 55),
        (vec![("key", domain.token.as_str()), credentials[1]], 55),
    ] {
        assert_eq!(kandy.call("configuration_get", &query).await.status(), status, "{query:?}");
    }
}
