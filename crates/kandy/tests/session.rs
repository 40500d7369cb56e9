//! A session from its creation to its end, by those who take part.

use kandy::{Kandy, ParticipantStatus, ParticipantType, SessionStatus, Status, Timestamp, User};
use kandy_emulator::Emulator;

/// The users of a new domain.
async fn users<const N: usize>(emulator: &Emulator, user_ids: [&str; N]) -> [User; N] {
    let kandy = Kandy::builder().base_url(emulator.base_url()).build().expect("a client");
    let account = kandy.account(emulator.account_key(), emulator.account_secret());
    let created = account.create_domain("example.com").await.expect("created");
    let domain = kandy.domain(created.api_key, created.api_secret);
    for user_id in user_ids {
        domain.create_user(user_id).await.expect("created");
    }
    user_ids.map(|user_id| domain.user(user_id))
}

#[tokio::test]
async fn anna_asks_for_help_and_russ_comes() -> kandy::Result<()> {
    let emulator = Emulator::start().expect("a free port");
    let [anna, russ, bert] = users(&emulator, ["anna", "russ", "bert"]).await;

    let create = anna.create_session().session_type("support").name("help").description("The map stays white");
    let created = create.nickname("Anna").first_name("Anna").last_name("Archer").email("anna@example.com").await?;
    let annas = anna.session(created.session_id);
    annas.start().await?;

    // Whoever has time for it looks at what is open.
    let [waiting] = &russ.sessions_by_type("support").await?[..] else { panic!("one session") };
    assert_eq!(waiting.name.as_deref(), Some("help"));
    assert_eq!(waiting.description.as_deref(), Some("The map stays white"));
    assert_eq!(
        (waiting.status.clone(), waiting.domain_name.as_deref()),
        (Some(SessionStatus::Active), Some("example.com"))
    );
    assert_eq!(waiting.admin, Some("anna@example.com".into()));
    let millis = |timestamp: &Option<Timestamp>| timestamp.as_ref().and_then(Timestamp::as_millis).expect("a number");
    assert!(millis(&waiting.expiry_timestamp) > millis(&waiting.creation_timestamp));
    russ.session(&waiting.session_id).join().nickname("Russ").first_name("Russ").phone_number("303-555-1213").await?;
    bert.session(bert.session_by_name("help").await?.session_id).join().await?;

    // One is enough.
    annas.accept("russ@example.com").await?;
    annas.reject("bert@example.com").reason("Russ is here already").await?;
    let details = annas.details().await?;
    let [admin, helper] = &details.participants[..] else { panic!("{details:?}") };
    assert_eq!(admin.participant_type, Some(ParticipantType::Admin));
    assert_eq!((&admin.first_name, &admin.last_name), (&Some("Anna".to_owned()), &Some("Archer".to_owned())));
    assert_eq!(helper.full_user_id, Some("russ@example.com".into()));
    assert_eq!(helper.participant_type, Some(ParticipantType::Participant));
    assert_eq!(helper.status, Some(ParticipantStatus::Approved));
    // What nobody wrote down is kept, and shown by its name alone.
    assert_eq!(helper.extra["user_phone_number"], "303-555-1213");
    let shown = format!("{details:?}");
    assert!(shown.contains("user_phone_number") && !shown.contains("303-555-1213"), "{shown}");

    russ.session(&details.session_id).leave().reason("The map is there again").await?;
    annas.stop().await?;
    assert_eq!(annas.details().await?.status, Some(SessionStatus::Inactive));
    annas.delete().await?;
    assert!(annas.details().await.is_err_and(|error| error.is_not_found()));
    assert!(anna.own_sessions().await?.is_empty() && russ.sessions().await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn only_the_admin_decides() -> kandy::Result<()> {
    let emulator = Emulator::start().expect("a free port");
    let [anna, russ] = users(&emulator, ["anna", "russ"]).await;
    let id = anna.create_session().session_type("cobrowsing").await?.session_id;
    let (annas, other) = (anna.session(&id), russ.session(&id));
    other.join().await?;
    for refused in
        [other.start().await, other.stop().await, other.delete().await, other.accept("russ@example.com").await]
    {
        assert_eq!(refused.expect_err("refused").status(), Some(Status::PERMISSION_DENIED));
    }
    assert!(other.join().await.is_err_and(|error| error.is_already_exists()));

    annas.boot("russ@example.com").reason("no time").await?;
    assert!(other.leave().await.is_err_and(|error| error.is_not_found()));
    assert_eq!(russ.sessions().session_type("cobrowsing").await?.len(), 1);
    assert!(russ.sessions().session_type("support").await?.is_empty());
    Ok(())
}
