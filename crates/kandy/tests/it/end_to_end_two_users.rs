//! Two users sign up, send messages, use groups, exchange a large file and sessions, and delete everything: at least one
//! operation of each chapter.
//!
//! The client runs in a child process, so that its peak memory can be measured without that of the emulator.

use std::{collections::BTreeSet, env};

use bytes::Bytes;
use futures_util::{TryStreamExt, stream};
use kandy::{
    AddressBookEntry, Attachment, ContentView, Device, Domain, Kandy, MessageContent, MessageEvent, PendingMessage,
    Status, User,
    sys::{OPERATIONS, Operation},
};
use kandy_emulator::Emulator;
use serde_json::Value;

use crate::support::{
    child_process::run_test,
    emulator::first_device,
    file_chunks::{CHUNK_LENGTH, chunk},
    handles::NEW_HUNT_GROUP,
};

/// Length of the file in bytes.
const LENGTH: u64 = 100 * 1024 * 1024;
/// The most memory that the client may use.
const MEMORY_KIB: u64 = 32 * 1024;

/// Environment variable with the base URL and the account of the emulator. Without it, [`client_process`] does nothing.
const ARGUMENTS: &str = "KANDY_TWO_USERS";

const RUSS: &str = "russ@example.com";
const ANNA: &str = "13524096582@example.com";

/// The process of the client. As a test of its own it does nothing.
#[tokio::test]
async fn client_process() -> kandy::Result<()> {
    let Ok(arguments) = env::var(ARGUMENTS) else { return Ok(()) };
    let arguments: Vec<&str> = arguments.split(' ').collect();
    let [base_url, key, secret] = arguments[..] else { panic!("three words") };
    let kandy = Kandy::builder().base_url(base_url).build()?;

    let account = kandy.account(key, secret);
    let created = account.create_domain("example.com").project_name("Two users").await?;
    let domain = kandy.domain(&created.api_key, &created.api_secret);
    assert_eq!(domain.details().await?.name, "example.com");
    assert_eq!(domain.configuration().await?.domain_name.as_deref(), Some("example.com"));

    let (russ, anna) = sign_up(&kandy, &domain, base_url).await?;
    let (phone, tablet) = (first_device(&russ).await?, first_device(&anna).await?);
    find_each_other(&domain, (&russ, &phone), (&anna, &tablet)).await?;
    use_a_group((&russ, &phone), (&anna, &tablet)).await?;
    exchange_a_file(&phone, &tablet).await?;
    read_conversations(&russ, &anna).await?;
    use_hunt_group_and_session(&domain, &russ, &anna).await?;
    receive_from_anonymous_user(&kandy, &domain, &phone).await?;
    delete_everything(&domain, (&russ, &phone), (&anna, &tablet)).await?;
    account.delete_domain(&created.api_key).await?;
    account.revoke_access_token().await?;

    if let Ok(status) = std::fs::read_to_string("/proc/self/status") {
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("the peak");
        println!("\npeak {}", peak.trim());
    }
    Ok(())
}

/// The domain creates russ; anna signs up with a phone number and a verification code.
async fn sign_up(kandy: &Kandy, domain: &Domain, base_url: &str) -> kandy::Result<(User, User)> {
    domain.create_user("russ").country_code("US").first_name("Russ").await?;
    domain.send_verification_code("3524096582", "US").await?;
    let code = verification_code(base_url).await;
    assert!(!domain.check_verification_code("000000").await?.valid);
    let registration = domain.register("3524096582", "US", code, "12345678901234").client_sw_type("rust").await?;
    assert_eq!(registration.full_user_id, Some(ANNA.into()));
    let anna = kandy.user_with_token(registration.access_token.expect("a token"));
    assert_eq!(anna.limited_details().await?.full_user_id, Some(ANNA.into()));
    Ok((domain.user("russ"), anna))
}

/// Reads the verification code from the emulator, which has sent it by SMS.
async fn verification_code(base_url: &str) -> String {
    let url = base_url.replace("/v1.2", "/_emulator/verifications");
    let response = reqwest::get(url).await.expect("a response").text().await.expect("a text");
    let codes: Value = serde_json::from_str(&response).expect("JSON");
    codes.pointer("/verifications/0/code").and_then(Value::as_str).expect("a code").to_owned()
}

/// Directory, contacts, presence, SMS and a first message.
async fn find_each_other(
    domain: &Domain,
    (russ, phone): (&User, &Device),
    (anna, tablet): (&User, &Device),
) -> kandy::Result<()> {
    russ.set_profile().first_name("Russ").status_text("at home").await?;
    assert_eq!(anna.profile("russ", "example.com").await?.status_text.as_deref(), Some("at home"));
    let found = anna.search_directory("russ").await?;
    assert_eq!(found.iter().map(|found| found.full_user_id.clone()).collect::<Vec<_>>(), [Some(RUSS.into())]);
    assert_eq!(russ.search_directory_by_phone_number("3524096582").await?.len(), 1);
    assert!(!russ.normalize_phone_number("3524096582", "US").await?.extra.is_empty());
    anna.create_contact(RUSS, "Russ").first_name("Russ").await?;
    phone.upload_address_book([AddressBookEntry::new(["+13524096582"]).first_name("Anna")]).await?;
    assert_eq!(russ.device_address_book().await?.len(), 1);
    assert!(domain.last_seen([RUSS, ANNA]).await?.users.iter().all(|user| user.is_online()));

    phone.send_sms("+13524096582", "Look into your messages").await?;
    russ.wake_up(ANNA).await?;
    let hello = phone.send_message(ANNA, "let's meet tonight").await?;
    let pending = tablet.pending_messages().await?.messages;
    let [wake_up, message] = &pending[..] else { panic!("two messages: {pending:?}") };
    assert!(matches!(wake_up.event(), MessageEvent::Private { .. }), "{wake_up:?}");
    assert_eq!((message.id.as_ref(), text(message)), (Some(&hello), Some("let's meet tonight")));
    tablet.delete_messages(pending.into_iter().filter_map(|message| message.id)).await?;
    Ok(())
}

/// Returns the text of a message.
fn text(message: &PendingMessage) -> Option<&str> {
    message.content.as_ref()?.text()
}

/// Creates a group, sends messages, mutes and unmutes it and its member, and deletes it.
async fn use_a_group((russ, phone): (&User, &Device), (anna, tablet): (&User, &Device)) -> kandy::Result<()> {
    let friends = russ.group(russ.create_group("Friends").await?.group_id);
    friends.add_members([ANNA]).await?;
    let invited = tablet.pending_messages().await?.messages;
    assert!(matches!(invited[0].event(), MessageEvent::GroupInvite { .. }), "{invited:?}");
    let annas_group = anna.group(friends.id());
    assert_eq!(anna.groups().await?.len(), 1);

    annas_group.send_message("Hello, Russ").await?;
    friends.send_message(MessageContent::location(48.2, 16.37)).await?;
    assert_eq!(phone.pending_messages().await?.messages.iter().filter_map(text).collect::<Vec<_>>(), ["Hello, Russ"]);

    // Each of them mutes the group.
    friends.mute().await?;
    annas_group.mute().await?;
    assert_eq!((friends.details().await?.muted, annas_group.details().await?.muted), (Some(true), Some(true)));
    // Then russ mutes anna.
    friends.mute_members([ANNA]).await?;
    let error = annas_group.send_message("Hello?").await.expect_err("she is muted");
    assert_eq!(error.status(), Some(Status::PERMISSION_DENIED));
    friends.unmute_members([ANNA]).await?;
    friends.unmute().await?;
    annas_group.unmute().await?;
    annas_group.send_message("Hello again").await?;

    friends.update().name("Old friends").await?;
    assert_eq!(annas_group.details().await?.name.as_deref(), Some("Old friends"));
    annas_group.leave().await?;
    friends.delete().await?;
    assert!(russ.groups().await?.is_empty());
    let pending: Vec<_> = phone.pending_messages().await?.messages;
    assert!(pending.iter().any(|message| matches!(message.event(), MessageEvent::GroupLeave { .. })), "{pending:?}");
    for device in [phone, tablet] {
        let pending = device.pending_messages().await?.messages;
        device.delete_messages(pending.into_iter().filter_map(|message| message.id)).await?;
    }
    Ok(())
}

/// Uploads a file as a stream, and downloads and compares it chunk by chunk.
async fn exchange_a_file(phone: &Device, tablet: &Device) -> kandy::Result<()> {
    let chunks = stream::iter((0..LENGTH / CHUNK_LENGTH).map(|number| Ok::<_, std::io::Error>(chunk(number))));
    let film = MessageContent::upload(phone, Attachment::stream("film.mp4", Some(LENGTH), chunks)).await?;
    phone.send_message(ANNA, film).await?;

    let mut inbox = tablet.messages().stream();
    let message = inbox.try_next().await?.expect("a message");
    let content = message.content.clone().expect("a content");
    let ContentView::Media { content_id, .. } = content.view() else { panic!("{content:?}") };
    let mut file = tablet.download(content_id).await?;
    assert_eq!((file.mime_type(), file.length()), (Some("video/mp4"), Some(LENGTH)));
    let (mut number, mut expected) = (0, Bytes::new());
    while let Some(mut received) = file.try_next().await? {
        while !received.is_empty() {
            if expected.is_empty() {
                expected = chunk(number);
                number += 1;
            }
            let length = received.len().min(expected.len());
            assert!(received.split_to(length) == expected.split_to(length), "it differs near byte {}", file.received());
        }
    }
    assert_eq!(file.received(), LENGTH);
    message.ack().await?;
    inbox.close().await
}

/// Reads a conversation, and deletes its messages and then the conversation.
async fn read_conversations(russ: &User, anna: &User) -> kandy::Result<()> {
    let with_russ = anna.conversation(RUSS);
    let messages = with_russ.messages().await?.messages;
    assert_eq!(text(&messages[0]), Some("let's meet tonight"));
    with_russ.delete_messages(messages.into_iter().filter_map(|message| message.id)).await?;
    with_russ.delete().await?;
    assert!(anna.conversation(RUSS).messages().await?.messages.is_empty());
    assert!(!russ.conversations().await?.is_empty());
    Ok(())
}

/// Creates a hunt group and a session, and anna takes part in it.
async fn use_hunt_group_and_session(domain: &Domain, russ: &User, anna: &User) -> kandy::Result<()> {
    domain.create_hunt_group(NEW_HUNT_GROUP).await?;
    let support = domain.hunt_group("support");
    support.add_user("russ").await?;
    support.add_admin("russ").await?;
    assert_eq!(anna.rollover_group("support").await?.agents, [RUSS]);

    let help = russ.session(russ.create_session().session_type("support").name("help").await?.session_id);
    help.start().await?;
    let annas_session = anna.session(anna.session_by_name("help").await?.session_id);
    annas_session.join().first_name("Anna").await?;
    help.accept(ANNA).await?;
    assert_eq!(help.details().await?.participants.len(), 2);
    annas_session.leave().reason("thank you").await?;
    help.delete().await?;
    assert!(anna.sessions().await?.is_empty());
    support.delete().await
}

/// An anonymous user sends a message to russ.
async fn receive_from_anonymous_user(kandy: &Kandy, domain: &Domain, phone: &Device) -> kandy::Result<()> {
    let anonymous = domain.anonymous_user().await?;
    let user = kandy.user_with_token(anonymous.access_token.expect("a token"));
    first_device(&user).await?.send_message(RUSS, "Is anybody there?").await?;
    let pending = phone.pending_messages().await?.messages;
    assert_eq!(pending.iter().filter_map(text).collect::<Vec<_>>(), ["Is anybody there?"]);
    phone.delete_messages(pending.into_iter().filter_map(|message| message.id)).await?;
    let listed = domain.users().await?;
    let anonymous = listed.into_iter().find(|user| user.user_id.as_str().starts_with("anonymous")).expect("listed");
    domain.delete_user(anonymous.api_key.expect("a key")).await
}

/// Deletes everything, one object at a time.
async fn delete_everything(
    domain: &Domain,
    (russ, phone): (&User, &Device),
    (anna, tablet): (&User, &Device),
) -> kandy::Result<()> {
    for contact in anna.contacts().await? {
        anna.delete_contact(contact.contact_id.expect("an id")).await?;
    }
    phone.delete_address_book().await?;
    assert!(anna.contacts().await?.is_empty() && phone.address_book().await?.is_empty());
    assert!(
        phone.pending_messages().await?.messages.is_empty() && tablet.pending_messages().await?.messages.is_empty()
    );
    assert!(
        russ.groups().await?.is_empty() && domain.hunt_groups().await?.extra["huntgroups"] == Value::Array(Vec::new())
    );
    for user in domain.users().await? {
        domain.delete_user(user.api_key.expect("a key")).await?;
    }
    domain.revoke_access_token().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn uses_every_chapter_and_deletes_everything() {
    let emulator = Emulator::start().expect("a free port");
    let arguments = format!("{} {} {}", emulator.base_url(), emulator.account_key(), emulator.account_secret());
    let child = tokio::task::spawn_blocking(move || {
        run_test("end_to_end_two_users::client_process").env(ARGUMENTS, arguments).output()
    });
    let output = child.await.expect("no panic").expect("it runs");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));

    // Only Linux reports the peak memory of a process.
    if let Some(peak) = text.lines().find_map(|line| line.strip_prefix("peak ")) {
        println!("{} MiB up and down; peak memory of the client: {peak}", LENGTH >> 20);
        let kib: u64 = peak.trim_end_matches("kB").trim().parse().expect("a number");
        assert!(kib < MEMORY_KIB, "{peak} is more than {MEMORY_KIB} KiB");
    }

    let state = emulator.state();
    let left = [state.domains, state.users, state.devices, state.groups, state.pending_messages, state.contents];
    assert_eq!((left, state.sessions, state.live_tokens), ([0; 6], 0, 0), "{state:?}");

    let requests = emulator.requests();
    let tags = |operations: &mut dyn Iterator<Item = &'static str>| operations.collect::<BTreeSet<_>>();
    let used = requests.iter().filter_map(|request| request.operation);
    let used = tags(&mut used.filter_map(Operation::find).map(|operation| operation.tag));
    let chapters = tags(&mut OPERATIONS.iter().filter(|o| o.version == "v1.2").map(|operation| operation.tag));
    let missing: Vec<_> = chapters.difference(&used).collect();
    assert!(
        missing.is_empty(),
        "the two users call no operation with these tags: {missing:?}.\n  edit crates/kandy/tests/it/end_to_end_two_users.rs: a call of one \
         of their operations\n  then run: cargo test -p kandy --test it end_to_end_two_users"
    );
    assert_eq!(used, chapters, "an operation of each chapter is called");
}
