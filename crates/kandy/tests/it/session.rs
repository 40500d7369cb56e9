//! Sessions and their participants, against the emulator.

use kandy::{ParticipantStatus, ParticipantType, SessionStatus, Status, Timestamp};

use crate::support::emulator::TestDomain;

#[tokio::test]
async fn creates_joins_and_deletes_a_session() -> kandy::Result<()> {
    let test = TestDomain::start().await;
    let (anna, _) = test.create_user("anna").await;
    let (russ, _) = test.create_user("russ").await;
    let (bert, _) = test.create_user("bert").await;

    let create = anna.create_session().session_type("support").name("help").description("The map stays white");
    let created = create.nickname("Anna").first_name("Anna").last_name("Archer").email("anna@example.com").await?;
    let annas = anna.session(created.session_id);
    annas.start().await?;

    // Russ and bert find the session by its type and its name, and ask to join.
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

    // Anna accepts one of them, and rejects the other.
    annas.accept("russ@example.com").await?;
    annas.reject("bert@example.com").reason("Russ is here already").await?;
    let details = annas.details().await?;
    let [admin, helper] = &details.participants[..] else { panic!("{details:?}") };
    assert_eq!(admin.participant_type, Some(ParticipantType::Admin));
    assert_eq!((&admin.first_name, &admin.last_name), (&Some("Anna".to_owned()), &Some("Archer".to_owned())));
    assert_eq!(helper.full_user_id, Some("russ@example.com".into()));
    assert_eq!(helper.participant_type, Some(ParticipantType::Participant));
    assert_eq!(helper.status, Some(ParticipantStatus::Approved));
    // Unknown fields are kept; `Debug` prints only their names.
    assert_eq!(helper.extra["user_phone_number"], "303-555-1213");
    let printed = format!("{details:?}");
    assert!(printed.contains("user_phone_number") && !printed.contains("303-555-1213"), "{printed}");

    russ.session(&details.session_id).leave().reason("The map is there again").await?;
    annas.stop().await?;
    assert_eq!(annas.details().await?.status, Some(SessionStatus::Inactive));
    annas.delete().await?;
    assert!(annas.details().await.is_err_and(|error| error.is_not_found()));
    assert!(anna.own_sessions().await?.is_empty() && russ.sessions().await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn only_the_admin_may_manage_a_session() -> kandy::Result<()> {
    let test = TestDomain::start().await;
    let ((anna, _), (russ, _)) = (test.create_user("anna").await, test.create_user("russ").await);
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
