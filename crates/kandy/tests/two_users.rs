//! Two users of a domain meet, talk in a group, exchange a large file, leave each other in peace, and leave nothing
//! behind: a story through all chapters. It is told by a process of its own, whose memory is measured; the emulator is in
//! the other.

#[path = "support/pieces.rs"]
mod pieces;

use std::{collections::BTreeSet, env, process::Command};

use bytes::Bytes;
use futures_util::{TryStreamExt, stream};
use kandy::{
    AddressBookEntry, Attachment, ContentView, Device, Domain, Kandy, MessageContent, MessageEvent, NewHuntGroup,
    PendingMessage, Status, User,
    sys::{OPERATIONS, Operation},
};
use kandy_emulator::Emulator;
use pieces::{PIECE, piece};
use serde_json::Value;

/// How long the film is.
const LENGTH: u64 = 100 * 1024 * 1024;
/// How much memory the storyteller may take.
const MEMORY_KIB: u64 = 32 * 1024;

/// Where the storyteller finds the emulator and its account; without it, it is not meant.
const PLACE: &str = "KANDY_TWO_USERS";

const RUSS: &str = "russ@example.com";
const ANNA: &str = "13524096582@example.com";

/// The storyteller: this test, alone, in another process.
#[tokio::test]
async fn story() -> kandy::Result<()> {
    let Ok(place) = env::var(PLACE) else { return Ok(()) };
    let place: Vec<&str> = place.split(' ').collect();
    let [base_url, key, secret] = place[..] else { panic!("three words") };
    let kandy = Kandy::builder().base_url(base_url).build()?;

    let account = kandy.account(key, secret);
    let created = account.create_domain("example.com").project_name("Two users").await?;
    let domain = kandy.domain(&created.api_key, &created.api_secret);
    assert_eq!(domain.details().await?.name, "example.com");
    assert_eq!(domain.configuration().await?.domain_name.as_deref(), Some("example.com"));

    let (russ, anna) = they_sign_up(&kandy, &domain, base_url).await?;
    let (phone, tablet) = (first_device(&russ).await?, first_device(&anna).await?);
    they_meet(&domain, (&russ, &phone), (&anna, &tablet)).await?;
    they_talk_in_a_group((&russ, &phone), (&anna, &tablet)).await?;
    they_exchange_a_film(&phone, &tablet).await?;
    they_look_back(&russ, &anna).await?;
    they_get_help(&domain, &russ, &anna).await?;
    a_stranger_comes(&kandy, &domain, &phone).await?;
    nothing_is_left(&domain, (&russ, &phone), (&anna, &tablet)).await?;
    account.delete_domain(&created.api_key).await?;
    account.revoke_access_token().await?;

    if let Ok(status) = std::fs::read_to_string("/proc/self/status") {
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("the peak");
        println!("\npeak {}", peak.trim());
    }
    Ok(())
}

async fn first_device(user: &User) -> kandy::Result<Device> {
    Ok(user.device(user.devices().await?.swap_remove(0).device_id))
}

/// Russ is made by an administrator. Anna signs up by phone, and gets a code.
async fn they_sign_up(kandy: &Kandy, domain: &Domain, base_url: &str) -> kandy::Result<(User, User)> {
    domain.create_user("russ").country_code("US").first_name("Russ").await?;
    domain.send_verification_code("3524096582", "US").await?;
    let code = code_of_the_sms(base_url).await;
    assert!(!domain.check_verification_code("000000").await?.valid);
    let registration = domain.register("3524096582", "US", code, "12345678901234").client_sw_type("rust").await?;
    assert_eq!(registration.full_user_id, Some(ANNA.into()));
    let anna = kandy.user_with_token(registration.access_token.expect("a token"));
    assert_eq!(anna.limited_details().await?.full_user_id, Some(ANNA.into()));
    Ok((domain.user("russ"), anna))
}

/// What Anna reads on her phone; tests read it from the emulator.
async fn code_of_the_sms(base_url: &str) -> String {
    let tools = base_url.replace("/v1.2", "/_emulator/verifications");
    let answer = reqwest::get(tools).await.expect("an answer").text().await.expect("a text");
    let codes: Value = serde_json::from_str(&answer).expect("JSON");
    codes.pointer("/verifications/0/code").and_then(Value::as_str).expect("a code").to_owned()
}

/// They find each other, write each other down, and say hello.
async fn they_meet(
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

fn text(message: &PendingMessage) -> Option<&str> {
    message.content.as_ref()?.text()
}

/// They make a group, talk, and leave each other in peace.
async fn they_talk_in_a_group((russ, phone): (&User, &Device), (anna, tablet): (&User, &Device)) -> kandy::Result<()> {
    let friends = russ.group(russ.create_group("Friends").await?.group_id);
    friends.add_members([ANNA]).await?;
    let invited = tablet.pending_messages().await?.messages;
    assert!(matches!(invited[0].event(), MessageEvent::GroupInvite { .. }), "{invited:?}");
    let hers = anna.group(friends.id());
    assert_eq!(anna.groups().await?.len(), 1);

    hers.send_message("Hello, Russ").await?;
    friends.send_message(MessageContent::location(48.2, 16.37)).await?;
    assert_eq!(phone.pending_messages().await?.messages.iter().filter_map(text).collect::<Vec<_>>(), ["Hello, Russ"]);

    // Each of them wants to hear nothing for a while.
    friends.mute().await?;
    hers.mute().await?;
    assert_eq!((friends.details().await?.muted, hers.details().await?.muted), (Some(true), Some(true)));
    // Then Russ sees to it that Anna says nothing.
    friends.mute_members([ANNA]).await?;
    let error = hers.send_message("Hello?").await.expect_err("she is muted");
    assert_eq!(error.status(), Some(Status::PERMISSION_DENIED));
    friends.unmute_members([ANNA]).await?;
    friends.unmute().await?;
    hers.unmute().await?;
    hers.send_message("Hello again").await?;

    friends.update().name("Old friends").await?;
    assert_eq!(hers.details().await?.name.as_deref(), Some("Old friends"));
    hers.leave().await?;
    friends.delete().await?;
    assert!(russ.groups().await?.is_empty());
    let seen: Vec<_> = phone.pending_messages().await?.messages;
    assert!(seen.iter().any(|message| matches!(message.event(), MessageEvent::GroupLeave { .. })), "{seen:?}");
    for device in [phone, tablet] {
        let pending = device.pending_messages().await?.messages;
        device.delete_messages(pending.into_iter().filter_map(|message| message.id)).await?;
    }
    Ok(())
}

/// Russ sends a film, and Anna gets it byte for byte.
async fn they_exchange_a_film(phone: &Device, tablet: &Device) -> kandy::Result<()> {
    let pieces = stream::iter((0..LENGTH / PIECE).map(|number| Ok::<_, std::io::Error>(piece(number))));
    let film = MessageContent::upload(phone, Attachment::stream("film.mp4", Some(LENGTH), pieces)).await?;
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
                expected = piece(number);
                number += 1;
            }
            let both = received.len().min(expected.len());
            assert!(received.split_to(both) == expected.split_to(both), "it differs near byte {}", file.received());
        }
    }
    assert_eq!(file.received(), LENGTH);
    message.ack().await?;
    inbox.close().await
}

/// What they said is still there, until they delete it.
async fn they_look_back(russ: &User, anna: &User) -> kandy::Result<()> {
    let with_russ = anna.conversation(RUSS);
    let said = with_russ.messages().await?.messages;
    assert_eq!(text(&said[0]), Some("let's meet tonight"));
    with_russ.delete_messages(said.into_iter().filter_map(|message| message.id)).await?;
    with_russ.delete().await?;
    assert!(anna.conversation(RUSS).messages().await?.messages.is_empty());
    assert!(!russ.conversations().await?.is_empty());
    Ok(())
}

/// Anna asks for help: of those who answer calls, and in a session.
async fn they_get_help(domain: &Domain, russ: &User, anna: &User) -> kandy::Result<()> {
    domain
        .create_hunt_group(NewHuntGroup {
            name: "support",
            kind: "roundrobin",
            pilot_uri_address: "support@example.com",
            overflow_dest: "operator@example.com",
            anonymous_uri: "anonymous@example.com",
        })
        .await?;
    let support = domain.hunt_group("support");
    support.add_user("russ").await?;
    support.add_admin("russ").await?;
    assert_eq!(anna.rollover_group("support").await?.agents, [RUSS.into()]);

    let help = russ.session(russ.create_session().session_type("support").name("help").await?.session_id);
    help.start().await?;
    let hers = anna.session(anna.session_by_name("help").await?.session_id);
    hers.join().first_name("Anna").await?;
    help.accept(ANNA).await?;
    assert_eq!(help.details().await?.participants.len(), 2);
    hers.leave().reason("thank you").await?;
    help.delete().await?;
    assert!(anna.sessions().await?.is_empty());
    support.delete().await
}

/// Somebody without a name calls.
async fn a_stranger_comes(kandy: &Kandy, domain: &Domain, phone: &Device) -> kandy::Result<()> {
    let stranger = domain.anonymous_user().await?;
    let user = kandy.user_with_token(stranger.access_token.expect("a token"));
    first_device(&user).await?.send_message(RUSS, "Is anybody there?").await?;
    let pending = phone.pending_messages().await?.messages;
    assert_eq!(pending.iter().filter_map(text).collect::<Vec<_>>(), ["Is anybody there?"]);
    phone.delete_messages(pending.into_iter().filter_map(|message| message.id)).await?;
    let listed = domain.users().await?;
    let stranger = listed.into_iter().find(|user| user.user_id.as_str().starts_with("anonymous")).expect("listed");
    domain.delete_user(stranger.api_key.expect("a key")).await
}

/// All that they made is deleted, one by one.
async fn nothing_is_left(
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
async fn two_users_use_every_chapter_and_leave_nothing_behind() {
    let emulator = Emulator::start().expect("a free port");
    let place = format!("{} {} {}", emulator.base_url(), emulator.account_key(), emulator.account_secret());
    let told = tokio::task::spawn_blocking(move || {
        let mut storyteller = Command::new(env::current_exe().expect("this test"));
        storyteller.args(["--exact", "story", "--nocapture", "--test-threads", "1"]).env(PLACE, place).output()
    });
    let output = told.await.expect("no panic").expect("it runs");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));

    // Linux says how much memory a process had.
    if let Some(peak) = text.lines().find_map(|line| line.strip_prefix("peak ")) {
        println!("{} MiB there and back; the most memory that the two users took: {peak}", LENGTH >> 20);
        let kib: u64 = peak.trim_end_matches("kB").trim().parse().expect("a number");
        assert!(kib < MEMORY_KIB, "{peak} is more than {MEMORY_KIB} KiB");
    }

    let state = emulator.state();
    let left = [state.domains, state.users, state.devices, state.groups, state.pending_messages, state.contents];
    assert_eq!((left, state.sessions, state.live_tokens), ([0; 6], 0, 0), "{state:?}");

    let asked = emulator.requests();
    let tags = |operations: &mut dyn Iterator<Item = &'static str>| operations.collect::<BTreeSet<_>>();
    let used = asked.iter().filter_map(|request| request.operation);
    let used = tags(&mut used.filter_map(Operation::find).map(|operation| operation.tag));
    let chapters = tags(&mut OPERATIONS.iter().filter(|o| o.version == "v1.2").map(|operation| operation.tag));
    let missing: Vec<_> = chapters.difference(&used).collect();
    assert!(
        missing.is_empty(),
        "the two users call no operation with these tags: {missing:?}.\n  edit crates/kandy/tests/two_users.rs: a call of one \
         of their operations\n  then run: cargo test -p kandy --test two_users"
    );
    assert_eq!(used, chapters, "every chapter is part of the story");
}
