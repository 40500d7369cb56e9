//! Operations of the tag User: profiles, details and configuration.

use serde_json::{Value, json};

use crate::fixture::Kandy;

#[tokio::test]
async fn password_revokes_token() {
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    let (russ, anna) = (kandy.user(&domain, "russ").await, kandy.user(&domain, "anna").await);
    let (key, id) = (("key", domain.key.as_str()), ("user_id", "russ"));
    let (password, token) = (("user_password", russ.password.as_str()), ("user_access_token", russ.token.as_str()));
    for (query, status) in [
        // One client forgets to send the token.
        (vec![key, id, password], 15),
        (vec![key, password, token], 15),
        (vec![key, id, token], 15),
        (vec![id, password, token], 15),
        (vec![key, id, token, ("domain_api_secret", domain.secret.as_str())], 15),
        (vec![("key", "DAKnobody"), id, password, token], 55),
        (vec![("key", russ.token.as_str()), id, password, token], 55),
        (vec![key, id, ("user_password", "wrong123"), token], 55),
        (vec![key, ("user_id", "nobody"), password, token], 53),
        (vec![key, ("user_id", "russ@example.com"), password, token], 51),
        (vec![key, id, password, ("user_access_token", anna.token.as_str())], 55),
        (vec![key, id, password, ("user_access_token", domain.token.as_str())], 55),
    ] {
        assert_eq!(kandy.call("user_access_token_delete", &query).await.status(), status, "{query:?}");
    }
    assert_eq!(kandy.call("device_list", &[("key", &russ.token)]).await.status(), 0);
    for _ in 0..2 {
        let revoked = kandy.call("user_access_token_delete", &[key, id, password, token]).await;
        assert_eq!((revoked.status(), revoked.message()), (0, "success"));
        assert_eq!(kandy.call("device_list", &[("key", &russ.token)]).await.status(), 10);
    }
    assert_eq!(kandy.call("device_list", &[("key", &anna.token)]).await.status(), 0);
}

#[tokio::test]
async fn limited_details_of_own_user() {
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    let body = json!({"user_id": "anna", "user_first_name": "Anna", "user_email": "anna@example.com"});
    kandy.post("user_create", &[("key", &domain.token)], &body).await;
    let token = kandy.user_token(&domain, "anna").await;
    let details = kandy.call("user_limited_get", &[("key", &token)]).await;
    let expected = json!({"user": {
        "user_id": "anna",
        "domain_name": "example.com",
        "full_user_id": "anna@example.com",
        "user_first_name": "Anna",
        "user_email": "anna@example.com",
    }});
    assert_eq!(details.result(), &expected, "and no credentials");
    assert_eq!(kandy.call("user_limited_get", &[("key", &domain.token)]).await.status(), 11);
}

#[tokio::test]
async fn profile_returns_what_was_set() {
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    let (russ, anna) = (kandy.user(&domain, "russ").await, kandy.user(&domain, "anna").await);
    let other = kandy.domain("example.org").await;
    let stranger = kandy.user(&other, "stranger").await;
    let profile = async |token: &str, id: &str, domain: &str| {
        kandy.call("user_profile_get", &[("key", token), ("user_id", id), ("domain_name", domain)]).await
    };
    assert_eq!(profile(&anna.token, "russ", "example.com").await.result(), &json!({}), "nothing was set");

    let key = ("key", russ.token.as_str());
    let query = [key, ("first_name", "Russ"), ("status_text", "Out for lunch"), ("user_data", r#"{"a": 1}"#)];
    let set = kandy.call("user_profile_set", &query).await;
    assert_eq!((set.status(), set.message()), (0, "success"));
    let expected = json!({"first_name": "Russ", "status_text": "Out for lunch", "user_data": r#"{"a": 1}"#});
    for (token, domain) in [(&russ.token, "example.com"), (&anna.token, "Example.COM")] {
        assert_eq!(profile(token, "russ", domain).await.result(), &expected);
    }
    kandy.call("user_profile_set", &[key, ("status_text", ""), ("last_name", "Doe"), ("image_details", "x")]).await;
    let expected = json!({
        "first_name": "Russ",
        "last_name": "Doe",
        "status_text": "",
        "image_details": "x",
        "user_data": r#"{"a": 1}"#,
    });
    assert_eq!(profile(&anna.token, "russ", "example.com").await.result(), &expected, "what is left out stays");
    assert_eq!(kandy.call("user_profile_set", &[key]).await.status(), 0);
    assert_eq!(profile(&anna.token, "russ", "example.com").await.result(), &expected);
    let details = kandy.call("user_limited_get", &[key]).await;
    assert_eq!(details.result()["user"].get("user_first_name"), None, "the user is still called nothing");

    for (token, id, domain, status) in [
        (&anna.token, "nobody", "example.com", 53),
        (&anna.token, "russ", "example.org", 53),
        (&anna.token, "russ", "nowhere.example.com", 53),
        (&stranger.token, "russ", "example.com", 53),
        (&anna.token, "russ@example.com", "example.com", 51),
        (&anna.token, "", "example.com", 15),
        (&anna.token, "russ", "", 15),
        (&domain.token, "russ", "example.com", 11),
    ] {
        assert_eq!(profile(token, id, domain).await.status(), status, "{id} {domain}");
    }
    assert_eq!(kandy.call("user_profile_set", &[("key", &domain.token), query[1]]).await.status(), 11);

    kandy.call("user_delete", &[("key", &domain.token), ("user_api_key", &russ.key)]).await;
    kandy.user(&domain, "russ").await;
    assert_eq!(profile(&anna.token, "russ", "example.com").await.result(), &json!({}), "it goes with the user");
}

#[tokio::test]
async fn normalizes_phone_numbers() {
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    let russ = kandy.user(&domain, "russ").await;
    for (number, country, international) in [
        ("(405) 567-1234", "US", "+14055671234"),
        ("+1 405 567 1234", "DE", "+14055671234"),
        ("0014055671234", "49", "+14055671234"),
        ("030 1234567", "+49", "+49301234567"),
    ] {
        let query = [("key", russ.token.as_str()), ("phone_number", number), ("country_code", country)];
        let response = kandy.call("phone_number_normalize", &query).await;
        assert_eq!(response.result()["phone_number"], international, "{number}");
    }
    for (token, number, country, status) in [
        (&russ.token, "4055671234", "ZZ", 54),
        (&russ.token, "405a671234", "US", 16),
        (&russ.token, "0", "US", 16),
        (&russ.token, "", "US", 15),
        (&russ.token, "4055671234", "", 15),
        (&domain.token, "4055671234", "US", 11),
    ] {
        let query = [("key", token.as_str()), ("phone_number", number), ("country_code", country)];
        assert_eq!(kandy.call("phone_number_normalize", &query).await.status(), status, "{number} {country}");
    }
}

#[tokio::test]
async fn configurations_name_the_emulator() {
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    let russ = kandy.user(&domain, "russ").await;
    let key = ("key", russ.token.as_str());
    let channel = kandy.call("data_channel_configuration_get", &[key]).await;
    let is_secure = kandy.emulator.ca_certificate().is_some();
    let protocol = if is_secure { "https" } else { "http" };
    let expected = json!({"data_server_host": "127.0.0.1", "data_server_port": kandy.port(), "is_secure": is_secure});
    assert_eq!(channel.result(), &expected);
    for (query, status) in [(vec![key], 0), (vec![key, ("secure", "true")], 0), (vec![key, ("secure", "perhaps")], 16)]
    {
        let spidr = kandy.call("user_spidr_configuration_get", &query).await;
        assert_eq!(spidr.status(), status, "{query:?}");
        if status == 0 {
            let spidr = &spidr.result()["spidr_configuration"];
            assert_eq!(
                (&spidr["REST_server_address"], &spidr["REST_protocol"]),
                (&json!("127.0.0.1"), &json!(protocol))
            );
            assert_eq!(
                (&spidr["webSocket_server_port"], &spidr["webSocket_secure"]),
                (&kandy.port(), &json!(is_secure))
            );
        }
    }
    // This operation returns its example.
    let billing: Value = kandy.call("billing_status_get", &[key]).await.json;
    assert_eq!((&billing["status"], &billing["result"]), (&json!(0), &json!({})));
    for operation in ["data_channel_configuration_get", "user_spidr_configuration_get", "billing_status_get"] {
        assert_eq!(kandy.call(operation, &[("key", &domain.token)]).await.status(), 11, "{operation}");
    }
}
