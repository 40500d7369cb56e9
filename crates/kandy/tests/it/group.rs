//! Groups and conversations, against the emulator.

use kandy::{ContentView, Group, MessageContent, MessageEvent, Order, Status, UploadedContent, User};

use crate::support::emulator::TestDomain;

/// Returns a handle of the same group for another user.
fn group_of(user: &User, group: &Group) -> Group {
    user.group(group.id())
}

#[tokio::test]
async fn creates_updates_and_deletes_a_group() -> kandy::Result<()> {
    let test = TestDomain::start().await;
    let (russ, _) = test.create_user("russ").await;
    let (anna, tablet) = test.create_user("anna").await;
    let (bert, watch) = test.create_user("bert").await;

    let photo = UploadedContent::new("5c1d7e9a0b3f4826a1c4e6f80d2b3a59", "friends.png", "image/png").length(20480);
    let created = russ.create_group("Friends").image((&photo).into()).await?;
    let friends = russ.group(created.group_id);
    friends.add_members(["anna@example.com", "bert@example.com"]).await?;
    let groups = anna.groups().await?;
    assert_eq!((groups.len(), groups[0].name.as_deref()), (1, Some("Friends")));
    assert_eq!(groups[0].group_image(), Some((&photo).into()));
    assert!(groups[0].creation_time.is_some() && groups[0].max_members == Some(100));

    friends.update().name("Best friends").image(Default::default()).await?;
    let details = friends.details().await?;
    assert_eq!((details.name.as_deref(), details.group_image()), (Some("Best friends"), None));
    friends.send_message(MessageContent::image(&photo)).await?;
    group_of(&anna, &friends).mute().await?;
    assert_eq!(anna.groups().await?[0].muted, Some(true));
    group_of(&anna, &friends).unmute().await?;
    assert_eq!(anna.groups().await?[0].muted, Some(false));

    friends.mute_members(["anna@example.com"]).await?;
    let refused = group_of(&anna, &friends).send_message("Hello").await.expect_err("muted");
    assert_eq!(refused.status(), Some(Status::PERMISSION_DENIED));
    friends.unmute_members(["anna@example.com"]).await?;
    group_of(&anna, &friends).send_message("Hello").await?;

    group_of(&anna, &friends).leave().await?;
    friends.remove_members(["bert@example.com"]).await?;
    let (russ_id, anna_id, bert_id) = ("russ@example.com".into(), "anna@example.com".into(), "bert@example.com".into());
    let pending = watch.pending_messages().await?.messages;
    let events: Vec<_> = pending.iter().map(|message| message.event()).collect();
    match &events[..] {
        [
            MessageEvent::GroupInvite { group_id, sender: Some(sender), .. },
            MessageEvent::GroupUpdate { .. },
            MessageEvent::GroupChat { content: picture, .. },
            MessageEvent::GroupChat { content: hello, sender: greeter, .. },
            MessageEvent::GroupLeave { leaver: Some(leaver), .. },
            MessageEvent::GroupBoot { booted, .. },
        ] => {
            assert_eq!((*group_id, *sender, *greeter), (friends.id(), &russ_id, &anna_id));
            assert!(matches!(picture.view(), ContentView::Media { name: Some("friends.png"), .. }));
            assert_eq!(hello.view(), ContentView::Text("Hello"));
            assert_eq!((leaver, &booted[..]), (&anna_id, &[bert_id][..]));
        }
        _ => panic!("{events:?}"),
    }
    assert!(tablet.pending_messages().await?.messages.len() >= 3);
    assert!(bert.groups().await?.is_empty());

    friends.delete().await?;
    assert!(friends.details().await.is_err_and(|error| error.status() == Some(Status::GROUP_NOT_FOUND)));
    Ok(())
}

#[tokio::test]
async fn reads_and_deletes_conversations() -> kandy::Result<()> {
    let test = TestDomain::start().await;
    let (russ, phone) = test.create_user("russ").await;
    let (anna, tablet) = test.create_user("anna").await;
    let first = phone.send_message("anna@example.com", "let's meet").await?;
    let second = tablet.send_message("russ@example.com", MessageContent::location(48.2, 16.37)).await?;

    let conversations = russ.conversations().await?;
    let with_anna = conversations[0].conversation_id.clone().expect("an id");
    assert_eq!(with_anna.as_str(), "anna@example.com");
    let with_anna = russ.conversation(with_anna);
    let latest = with_anna.messages().number_of_records(1).order(Order::Backward).await?.messages;
    assert_eq!((latest.len(), latest[0].id.as_ref()), (1, Some(&second)));
    let content = latest[0].content.as_ref().expect("a place");
    assert!(matches!(content.view(), ContentView::Location { latitude: 48.2, zoom: Some(10.0), .. }));

    with_anna.delete_messages([&second]).await?;
    let left: Vec<_> = with_anna.messages().await?.messages.into_iter().filter_map(|message| message.id).collect();
    assert_eq!(left, [first]);
    with_anna.delete().await?;
    assert!(russ.conversations().await?.is_empty());
    assert_eq!(anna.conversation("russ@example.com").messages().await?.messages.len(), 2);
    anna.delete_conversations(["russ@example.com"]).await?;
    assert!(anna.conversations().await?.is_empty());

    let id = russ.wake_up("anna@example.com").await?;
    let pending = tablet.pending_messages().await?.messages;
    let last = pending.last().expect("the event");
    assert_eq!(last.id.as_ref(), Some(&id));
    assert!(matches!(last.event(), MessageEvent::Private { purpose: Some("WAKEUP"), .. }));
    Ok(())
}

/// Invalid arguments and empty lists cause no request.
#[tokio::test]
async fn sends_no_invalid_or_empty_request() -> kandy::Result<()> {
    let test = TestDomain::start().await;
    let (russ, _) = test.create_user("russ").await;
    let emulator = &test.emulator;
    let (group, no_users) = (russ.group("834f42eb5a1144a3b679f2d0be20112c"), Vec::<String>::new());
    let before = emulator.requests().len();
    for (outcome, argument) in [
        (group.update().await, "name"),
        (group.update().name("").await, "name"),
        (russ.group("").delete().await, "group_id"),
        (group.add_members(no_users.clone()).await, "members"),
        (group.add_members(["anna"]).await, "members"),
        (group.mute_members(no_users.clone()).await, "members"),
        (group.remove_members(["anna@example.com", "bert"]).await, "members"),
        (russ.delete_conversations(["anna@example.com", ""]).await, "conversations"),
        (russ.conversation("anna@example.com").delete_messages(["1"]).await, "messages"),
        (russ.conversation("").delete().await, "conversations"),
        (russ.conversation("a@b").messages().number_of_records(0).await.map(drop), "number_of_records"),
        (russ.wake_up("anna").await.map(drop), "to"),
    ] {
        match outcome {
            Err(kandy::Error::Argument(error)) => assert_eq!(error.argument(), argument),
            other => panic!("{argument}: {other:?}"),
        }
    }
    // An empty list is a success without a request.
    group.remove_members(no_users.clone()).await?;
    russ.delete_conversations(no_users).await?;
    assert_eq!(emulator.requests().len(), before);

    let many: Vec<_> = (0..25).map(|number| format!("user{number}@example.com")).collect();
    russ.delete_conversations(many).await?;
    assert_eq!(emulator.requests().len(), before + 3, "ten in a request");
    Ok(())
}
