//! Operations of v1.3 of the API have no wrapper: callers use the generated client with a base URL of that version.

use kandy::{
    Domain, Error, Kandy,
    sys::{Client, OPERATIONS, Status, types},
};
use kandy_emulator::Emulator;

use crate::support::emulator::first_device;

/// Creates a domain with a client of one API version.
async fn domain(emulator: &Emulator, version: &str) -> Domain {
    let base_url = emulator.base_url_of(version).expect("a version that is served");
    let kandy = Kandy::builder().base_url(base_url).build().expect("a client");
    let account = kandy.account(emulator.account_key(), emulator.account_secret());
    let created = account.create_domain(format!("{version}.example.com")).await.expect("created");
    kandy.domain(created.api_key, created.api_secret)
}

/// Calls all operations of v1.3, and returns the ids of those that succeeded.
async fn call_all(client: &Client) -> Vec<&'static str> {
    let mut succeeded = Vec::new();
    macro_rules! call {
        ($($operation:ident($($argument:expr),*);)*) => {
            $(if client.$operation($($argument),*).await.is_ok_and(|response| response.into_inner().into_result().is_ok()) {
                succeeded.push(stringify!($operation));
            })*
        };
    }
    let (from, to, user_id) = ("2016-12-01", "2016-12-31 23:59:59", "russ");
    let provider_id = Some("kandy".to_owned());
    let did = types::DidAssociate { assignment_id: "1".to_owned(), provider_id, user_id: user_id.to_owned() };
    let stickers = types::StickerCollectionAssign { collection_id: "1".to_owned(), user_id: user_id.to_owned() };
    let card = types::TopUpCardRedeem { pin_code: "1".to_owned(), user_id: user_id.to_owned() };
    let settings = Some(types::UserPackageSettings { auto_renew: Some(false) });
    let package = types::UserPackageAdd { package_name: "p".to_owned(), settings, user_id: user_id.to_owned() };
    let nothing = types::VerificationChatSend(kandy::ExtraFields::default());
    // Arguments of generated calls are in alphabetical order, so the end of a period precedes its start.
    call! {
        call_detail_record_list("2016-12-31 12:00:00:000", "2016-12-01 12:00:00:000");
        call_history_list(to, from, user_id);
        did_associate(&did);
        package_history_list(to, from, user_id);
        package_list();
        provisioned_user_get(user_id);
        sms_history_list(to, from, user_id);
        sticker_collection_assign(&stickers);
        top_up_card_get("1");
        top_up_card_redeem(&card);
        user_package_add(&package);
        user_package_list(user_id);
        verification_chat_send(user_id, &nothing);
    }
    succeeded
}

#[tokio::test]
async fn calls_every_operation_of_v1_3_raw() {
    let emulator = Emulator::start().expect("a free port");
    let newer: Vec<_> = OPERATIONS.iter().filter(|operation| operation.version == "v1.3").map(|it| it.id).collect();
    let called = call_all(domain(&emulator, "v1.3").await.raw()).await;
    for operation in OPERATIONS.iter().filter(|operation| operation.version == "v1.3") {
        assert!(
            called.contains(&operation.id),
            "{operation} is not called, or fails.\n  edit crates/kandy/tests/it/api_v1_3.rs: a line `{}(…);` in `call_all`, in the \
             order of the ids\n  then run: cargo test -p kandy --test it api_v1_3",
            operation.id
        );
    }
    assert_eq!(called, newer);
    // Every request, those for tokens included, has the path of that version.
    assert!(emulator.requests().iter().all(|request| request.path.starts_with("/v1.3/")));
    for operation in &newer {
        assert!(emulator.requests().iter().any(|request| request.operation == Some(*operation)), "{operation}");
    }

    assert!(call_all(domain(&emulator, "v1.2").await.raw()).await.is_empty(), "v1.2 has none of them");
}

#[tokio::test]
async fn wrapped_operations_work_on_v1_3() -> kandy::Result<()> {
    let emulator = Emulator::start().expect("a free port");
    let domain = domain(&emulator, "v1.3").await;
    domain.create_user("russ").await?;
    domain.create_user("anna").await?;
    let [russ, anna] = ["russ", "anna"].map(|user_id| domain.user(user_id));
    let (phone, tablet) = (first_device(&russ).await?, first_device(&anna).await?);
    phone.send_message("anna@v1.3.example.com", "Hello").await?;
    assert_eq!(tablet.pending_messages().await?.messages.len(), 1);
    // An expired token is renewed on that version too.
    emulator.revoke_all_tokens();
    assert_eq!(domain.users().await?.len(), 2);
    assert!(emulator.requests().iter().all(|request| request.path.starts_with("/v1.3/")));
    Ok(())
}

#[tokio::test]
async fn v1_2_refuses_operations_of_v1_3() {
    let emulator = Emulator::start().expect("a free port");
    let raw = domain(&emulator, "v1.2").await.raw().clone();
    let refused = raw.package_list().await.expect_err("not there");
    let refused: Error = refused.into();
    assert_eq!(refused.status(), Some(Status::UNKNOWN_REQUEST));
}
