//! Operations of the tag Directory.

use serde_json::{Value, json};

use crate::fixture::Kandy;

#[tokio::test]
async fn searches_users_of_the_domain() {
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    let russ = kandy.user(&domain, "russ").await;
    let key = [("key", domain.token.as_str())];
    let anna = json!({
        "user_id": "Anna.D",
        "user_first_name": "Anna Maria",
        "user_last_name": "Döe",
        "user_email": "anna@example.com",
    });
    kandy.post("user_create", &key, &anna).await.result();
    let bert = json!({"user_phone_number": "3524096582", "user_country_code": "US", "user_first_name": "Bert"});
    kandy.post("user_create_by_phone_number", &key, &bert).await.result();
    let other = kandy.domain("example.org").await;
    kandy.user(&other, "anna").await;

    let all = kandy.call("directory_list", &[("key", &russ.token)]).await;
    let expected = json!([
        {"full_user_id": "russ@example.com", "user_id": "russ"},
        {
            "full_user_id": "Anna.D@example.com",
            "user_id": "Anna.D",
            "user_first_name": "Anna Maria",
            "user_last_name": "Döe",
            "email": "anna@example.com",
        },
        {
            "full_user_id": "13524096582@example.com",
            "user_id": "13524096582",
            "user_first_name": "Bert",
            "user_phone_number": "13524096582",
        },
    ]);
    assert_eq!(all.result()["contacts"], expected);

    let (russ_id, anna_id, bert_id) = ("russ@example.com", "Anna.D@example.com", "13524096582@example.com");
    for (operation, text, found) in [
        ("directory_search", "ANNA", vec![anna_id]),
        ("directory_search", "r", vec![russ_id, anna_id, bert_id]),
        ("directory_search", "dÖe", vec![anna_id]),
        ("directory_search", "352-409", vec![bert_id]),
        ("directory_search", "example.com", vec![]),
        ("directory_search_by_name", "maria dö", vec![anna_id]),
        ("directory_search_by_name", "bert", vec![bert_id]),
        ("directory_search_by_name", "russ", vec![]),
        ("directory_search_by_phone_number", "+1 (352) 409-6582", vec![bert_id]),
        ("directory_search_by_phone_number", "6582", vec![bert_id]),
        ("directory_search_by_phone_number", "bert 6582", vec![]),
        ("directory_search_by_phone_number", "+", vec![]),
        ("directory_search_by_user_id", "anna.d", vec![anna_id]),
        ("directory_search_by_user_id", "anna.d@example.com", vec![]),
        ("directory_search_by_user_id", "bert", vec![]),
    ] {
        let response = kandy.call(operation, &[("key", &russ.token), ("search_string", text)]).await;
        let contacts = response.result()["contacts"].as_array().expect("a list");
        let ids: Vec<_> = contacts.iter().filter_map(|contact| contact["full_user_id"].as_str()).collect();
        assert_eq!(ids, found, "{operation} {text}");
    }
    kandy.call("user_delete", &[("key", &domain.token), ("user_id", "russ"), ("user_password", &russ.password)]).await;
    assert_eq!(kandy.call("directory_list", &[("key", &russ.token)]).await.status(), 55);
}

#[tokio::test]
async fn search_needs_text_and_user_token() {
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    let russ = kandy.user(&domain, "russ").await;
    for operation in [
        "directory_search",
        "directory_search_by_name",
        "directory_search_by_phone_number",
        "directory_search_by_user_id",
    ] {
        for (query, status) in [
            (vec![("key", russ.token.as_str())], 15),
            (vec![("key", russ.token.as_str()), ("search_string", "")], 15),
            (vec![("key", domain.token.as_str()), ("search_string", "russ")], 11),
            (vec![("search_string", "russ")], 15),
        ] {
            assert_eq!(kandy.call(operation, &query).await.status(), status, "{operation} {query:?}");
        }
    }
    assert_eq!(kandy.call("directory_list", &[("key", &domain.token)]).await.status(), 11);
    // One of the paths ends with a slash, which the emulator does not require.
    for path in ["/users/directories/native/search", "/users/directories/native/search/"] {
        let query = [("key", russ.token.as_str()), ("search_string", "russ")];
        let response = kandy.http.get(kandy.url(path)).query(&query).send().await.expect("a response");
        let response: Value = response.json().await.expect("JSON");
        assert_eq!(response["result"]["contacts"][0]["user_id"], "russ", "{path}");
    }
}
