//! Calls of sessions.

use kandy::{CallBuilder, Participant, ParticipantStatus, Session, SessionId, SessionStatus};

use super::{Call, CallSetup, Handles, Provisioned};

/// Whether anna takes part in a session.
enum Anna {
    Outside,
    Waiting,
    Inside,
}

/// Creates a session whose admin is russ, with anna in the given state.
async fn session(setup: &CallSetup<'_>, anna: Anna) -> SessionId {
    let Handles { russ, anna: guest, .. } = setup.default_handles();
    let id = russ.create_session().session_type("support").name(setup.name()).await.expect("created").session_id;
    if !matches!(anna, Anna::Outside) {
        guest.session(&id).join().await.expect("joined");
    }
    if matches!(anna, Anna::Inside) {
        russ.session(&id).accept("anna@example.com").await.expect("accepted");
    }
    id
}

/// Prepares the call of an operation; `None` if it is not of this chapter.
pub(super) async fn prepare(setup: &CallSetup<'_>, operation: &str) -> Option<Call> {
    let Handles { russ, anna, .. } = setup.handles;
    let session = async |anna| session(setup, anna).await;
    let own = async |anna| russ.session(session(anna).await);
    let name = setup.name();
    Some(match operation {
        "session_create" => {
            Call::new(russ, russ.create_session().session_type("support").name(name).nickname("Russ"), |_| {})
        }
        "session_get" => {
            let session = own(Anna::Waiting).await;
            Call::new(&session, session.details(), |details| assert_eq!(details.participants.len(), 2))
        }
        "session_get_by_name" => {
            let id = session(Anna::Outside).await;
            Call::new(anna, anna.session_by_name(name), move |details| assert_eq!(details.session_id, id))
        }
        "session_list" => {
            session(Anna::Outside).await;
            Call::new(anna, anna.sessions(), |sessions| assert!(!sessions.is_empty()))
        }
        "session_list_by_type" => {
            session(Anna::Outside).await;
            Call::new(anna, anna.sessions_by_type("support"), |sessions| assert!(!sessions.is_empty()))
        }
        "session_list_by_creator" => {
            session(Anna::Inside).await;
            Call::new(anna, anna.own_sessions(), |sessions| assert!(sessions.is_empty()))
        }
        "session_start" => on(own(Anna::Outside).await, Session::start),
        "session_stop" => {
            let id = session(Anna::Outside).await;
            setup.default_handles().russ.session(&id).start().await.expect("started");
            on(russ.session(id), Session::stop)
        }
        "session_delete" => on(own(Anna::Inside).await, Session::delete),
        "session_join" => on(anna.session(session(Anna::Outside).await), |session| session.join().nickname("Anna")),
        "session_leave" => on(anna.session(session(Anna::Inside).await), |session| session.leave().reason("done")),
        "session_participant_accept" => on(own(Anna::Waiting).await, |session| session.accept("anna@example.com")),
        "session_participant_reject" => {
            on(own(Anna::Waiting).await, |session| session.reject("anna@example.com").reason("no"))
        }
        "session_participant_boot" => {
            on(own(Anna::Inside).await, |session| session.boot("anna@example.com").reason("no"))
        }
        _ => return None,
    })
}

/// Prepares a call on a session that returns nothing.
fn on<B>(session: Session, builder: impl Fn(&Session) -> B) -> Call
where
    B: std::fmt::Debug + Clone + CallBuilder<Value = ()>,
{
    Call::new(&session, builder(&session), |()| {})
}

/// Counts what an operation changes in all sessions.
pub(super) async fn effects(provisioned: &Provisioned, operation: &str) -> usize {
    let sessions = provisioned.default_handles.russ.sessions().await.expect("a list");
    let with = |status| sessions.iter().filter(|session| session.status.as_ref() == Some(&status)).count();
    let participants = || sessions.iter().flat_map(|session| &session.participants);
    let is_approved = |participant: &&Participant| participant.status == Some(ParticipantStatus::Approved);
    match operation {
        "session_start" => with(SessionStatus::Active),
        "session_stop" => with(SessionStatus::Inactive),
        "session_participant_accept" => participants().filter(is_approved).count(),
        "session_join" | "session_leave" | "session_participant_reject" | "session_participant_boot" => {
            participants().count()
        }
        _ => 0,
    }
}
