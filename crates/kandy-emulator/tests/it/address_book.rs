//! Operations of the tag Address Book, and the address books of devices.

use serde_json::{Value, json};

use crate::fixture::{Kandy, User, envelope};

async fn contacts(kandy: &Kandy, user: &User) -> Vec<Value> {
    let response = kandy.call("personal_contact_list", &[("key", &user.token)]).await;
    response.result()["contacts"].as_array().expect("a list").clone()
}

/// Disagreement 10: the names of the fields.
#[tokio::test]
async fn contact_fields_keep_their_spelling() {
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    let (russ, anna) = (kandy.user(&domain, "russ").await, kandy.user(&domain, "anna").await);
    assert!(contacts(&kandy, &russ).await.is_empty());
    let prefixed = json!({
        "contact_user_name": "anna@example.com",
        "contact_nickname": "anna",
        "contact_first_name": "Anna",
        "contact_last_name": "Doe",
        "contact_mobile_number": "12240000000",
        "contact_email": "anna@example.com",
    });
    let plain = json!({
        "name": "Test",
        "nickname": "Testing",
        "first_name": "Test",
        "last_name": "Test 123",
        "mobile_number": "12240000000",
        "business_number": "12240000001",
        "email": "test@example.com",
        "image_id": "7",
    });
    let mut expected = Vec::new();
    for contact in [prefixed, plain] {
        let mut sent = contact.clone();
        // Null and empty fields count as missing, and the client cannot choose the id.
        sent["home_phone"] = Value::Null;
        sent["contact_fax"] = json!("");
        sent["contact_id"] = json!("mine");
        let key = [("key", russ.token.as_str())];
        let id = kandy.post("personal_contact_create", &key, &json!({"contact": sent})).await.text("contact_id");
        assert!(id.len() == 32 && id.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f')), "{id}");
        let mut listed = contact;
        listed["contact_id"] = id.into();
        expected.push(listed);
    }
    assert_eq!(contacts(&kandy, &russ).await, expected);
    assert!(contacts(&kandy, &anna).await.is_empty(), "they are personal");

    let id = expected[0]["contact_id"].as_str().expect("a text");
    for (user, id, status) in [(&anna, id, 53), (&russ, "nobody", 53), (&russ, "", 15), (&russ, id, 0), (&russ, id, 53)]
    {
        let query = [("key", user.token.as_str()), ("contact_id", id)];
        assert_eq!(kandy.call("personal_contact_delete", &query).await.status(), status, "{id}");
    }
    assert_eq!(contacts(&kandy, &russ).await, expected[1..]);
}

#[tokio::test]
async fn contact_needs_user_name_and_nickname() {
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    let russ = kandy.user(&domain, "russ").await;
    for (token, body, status) in [
        (&russ.token, json!({"contact": {"contact_user_name": "anna@example.com", "nickname": "anna"}}), 0),
        (&russ.token, json!({"contact": {"name": 7, "contact_nickname": "seven"}}), 0),
        (&russ.token, json!({"contact": {"contact_user_name": "anna@example.com"}}), 15),
        (&russ.token, json!({"contact": {"name": "", "nickname": "anna"}}), 15),
        (&russ.token, json!({"contact": {"name": ["anna"], "nickname": "anna"}}), 16),
        (&russ.token, json!({"contact": "anna"}), 16),
        (&russ.token, json!({"contact_user_name": "anna@example.com", "contact_nickname": "anna"}), 15),
        (&russ.token, json!({}), 15),
        (&domain.token, json!({}), 11),
    ] {
        assert_eq!(kandy.post("personal_contact_create", &[("key", token)], &body).await.status(), status, "{body}");
    }
    assert_eq!(contacts(&kandy, &russ).await.len(), 2);
    // Part of disagreement 2: one client sends POST where it means DELETE.
    let slip = kandy.request("personal_contact_create", &[("key", &russ.token), ("contact_id", "1")]);
    assert_eq!(envelope(slip).await.status(), 15);
}

#[tokio::test]
async fn deleting_a_user_deletes_its_contacts() {
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    let russ = kandy.user(&domain, "russ").await;
    let body = json!({"contact": {"contact_user_name": "anna@example.com", "contact_nickname": "anna"}});
    kandy.post("personal_contact_create", &[("key", &russ.token)], &body).await.text("contact_id");
    kandy.call("user_delete", &[("key", &domain.token), ("user_api_key", &russ.key)]).await;
    let again = kandy.user(&domain, "russ").await;
    assert!(contacts(&kandy, &again).await.is_empty());
}

#[tokio::test]
async fn upload_returns_hints() {
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    let russ = kandy.user(&domain, "russ").await;
    let by_phone = json!({"user_phone_number": "4055671234", "user_country_code": "US"});
    kandy.post("user_create_by_phone_number", &[("key", &domain.token)], &by_phone).await.result();
    // A name in the form of a number.
    kandy.user(&domain, "14055671235").await;
    let other = kandy.domain("example.org").await;
    let elsewhere = json!({"user_phone_number": "4055671236", "user_country_code": "US"});
    kandy.post("user_create_by_phone_number", &[("key", &other.token)], &elsewhere).await.result();

    let query = [("key", russ.token.as_str()), ("device_id", &russ.device)];
    let body = json!({
        "device_id": russ.device, // One client repeats it here.
        "contacts": [
            {"firstName": "John", "lastName": "Doe", "numbers": ["+1 (405) 567-1234", "0014055671234", 14055671235_i64]},
            {"numbers": ["+14055671236", "*100#"]},
            {"firstName": "Nobody", "numbers": []},
        ],
    });
    let uploaded = kandy.post("device_address_book_upload", &query, &body).await;
    assert_eq!((uploaded.status(), uploaded.message()), (0, "success"));
    let book = kandy.call("device_address_book_get", &query).await;
    let contact = |number: &str, names: Value, hint: &str| {
        let mut contact = json!({"number": number, "contactId": "", "deviceId": russ.device, "hintType": hint});
        contact.as_object_mut().expect("an object").extend(names.as_object().expect("an object").clone());
        contact
    };
    let john = json!({"firstName": "John", "lastName": "Doe"});
    let expected = json!([
        contact("+1 (405) 567-1234", john.clone(), "community"),
        contact("0014055671234", john.clone(), "community"),
        contact("14055671235", john, "none"),
        contact("+14055671236", json!({}), "none"),
        contact("*100#", json!({}), "none"),
    ]);
    assert_eq!(book.result()["contacts"], expected);

    let hints = kandy.call("device_address_book_hint_list", &query).await;
    let of = |contact: &Value| json!({"number": contact["number"], "hintType": contact["hintType"]});
    let expected: Vec<_> = expected.as_array().expect("a list").iter().map(of).collect();
    assert_eq!(hints.result()["contacts"], json!(expected));

    kandy.post("device_address_book_upload", &query, &json!({"contacts": [{"numbers": ["1"]}]})).await;
    let book = kandy.call("device_address_book_get", &query).await;
    assert_eq!(book.result()["contacts"].as_array().map(Vec::len), Some(6), "they are added");
    kandy.call("device_address_book_delete", &query).await;
    let hints = kandy.call("device_address_book_hint_list", &query).await;
    assert_eq!(hints.result()["contacts"], json!([]));
}

#[tokio::test]
async fn invalid_upload_changes_nothing() {
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    let (russ, anna) = (kandy.user(&domain, "russ").await, kandy.user(&domain, "anna").await);
    let good = json!({"contacts": [{"numbers": ["1"]}]});
    for (device, body, status) in [
        (&anna.device, good.clone(), 53),
        (&String::new(), good.clone(), 15),
        (&russ.device, json!({}), 15),
        (&russ.device, json!({"contacts": {}}), 16),
        (&russ.device, json!({"contacts": ["John"]}), 16),
        (&russ.device, json!({"contacts": [{"numbers": ["1"]}, {"firstName": "John"}]}), 15),
        (&russ.device, json!({"contacts": [{"numbers": "1"}]}), 16),
        (&russ.device, json!({"contacts": [{"numbers": ["1", ""]}]}), 16),
        (&russ.device, json!({"contacts": [{"numbers": [true]}]}), 16),
        (&russ.device, json!({"contacts": [{"firstName": [], "numbers": ["1"]}]}), 16),
    ] {
        let query = [("key", russ.token.as_str()), ("device_id", device)];
        assert_eq!(kandy.post("device_address_book_upload", &query, &body).await.status(), status, "{body}");
    }
    let query = [("key", russ.token.as_str()), ("device_id", &russ.device)];
    assert_eq!(kandy.call("device_address_book_get", &query).await.result()["contacts"], json!([]));
    for (device, status) in [(&anna.device, 53), (&String::new(), 15)] {
        let query = [("key", russ.token.as_str()), ("device_id", device)];
        assert_eq!(kandy.call("device_address_book_hint_list", &query).await.status(), status);
    }
}

#[tokio::test]
async fn lists_contacts_of_all_devices() {
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    let (russ, anna) = (kandy.user(&domain, "russ").await, kandy.user(&domain, "anna").await);
    let key = ("key", russ.token.as_str());
    let tablet = kandy.post("device_create", &[key], &json!({"device_native_id": "1"})).await.text("device_id");
    for (device, number) in [(&russ.device, "1"), (&tablet, "2")] {
        let body = json!({"contacts": [{"numbers": [number]}]});
        kandy.post("device_address_book_upload", &[key, ("device_id", device)], &body).await;
    }
    let numbers = async |query: &[(&str, &str)]| {
        let response = kandy.call("user_device_address_book_get", query).await;
        let contacts = response.result()["contacts"].as_array().expect("a list").clone();
        contacts.into_iter().map(|contact| contact["number"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(numbers(&[key]).await, ["1", "2"]);
    assert_eq!(numbers(&[key, ("device_id", &tablet)]).await, ["2"]);
    assert!(numbers(&[("key", &anna.token)]).await.is_empty());
    let foreign = [key, ("device_id", anna.device.as_str())];
    assert_eq!(kandy.call("user_device_address_book_get", &foreign).await.status(), 53);
    kandy.call("device_delete", &[key, ("device_id", &tablet)]).await;
    assert_eq!(numbers(&[key]).await, ["1"]);

    // Disagreement 16: one client sends POST, a slip.
    let operation = kandy_sys::Operation::find("user_device_address_book_get").expect("part of the API");
    let slip = envelope(kandy.http.post(kandy.url(operation.path)).query(&[key])).await;
    assert_eq!((slip.http, slip.status()), (405, 18));
}
