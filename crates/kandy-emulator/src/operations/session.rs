//! Operations of the tag Session: sessions and their participants.
//!
//! Begin with `HANDLERS`.

use kandy_sys::{
    ApiFault, ParticipantStatus, ParticipantType, SessionStatus,
    types::{self, SessionCreated, SessionDetails, SessionList, SessionParticipant},
};
use serde_json::Value;

use super::{
    handler::Handler,
    lookup::{domain_with_open_sessions, own_session, session},
};
use crate::{
    protocol::{
        call::{Call, non_empty, required, text},
        refusal::{Refusal, exists, invalid_identifier, permission_denied, unknown},
        reply::{Outcome, Reply},
    },
    state::{NewSession, Participant, Session, SessionEvent, Shown, State, UserNo, id::Id},
};

pub(super) const HANDLERS: &[(&str, Handler)] = &[
    ("session_create", Handler::User(create)),
    ("session_get", Handler::User(get)),
    ("session_get_by_name", Handler::User(get_by_name)),
    ("session_list", Handler::User(list)),
    ("session_list_by_type", Handler::User(list_by_type)),
    ("session_list_by_creator", Handler::User(list_by_creator)),
    ("session_start", Handler::User(start)),
    ("session_stop", Handler::User(stop)),
    ("session_delete", Handler::User(delete)),
    ("session_join", Handler::User(join)),
    ("session_leave", Handler::User(leave)),
    ("session_participant_accept", Handler::User(accept)),
    ("session_participant_reject", Handler::User(reject)),
    ("session_participant_boot", Handler::User(boot)),
];

fn create(state: &mut State, call: &Call, user: UserNo) -> Outcome {
    let fields = call.fields()?;
    let new = NewSession {
        session_type: fields.optional("session_type")?,
        name: fields.optional("session_name")?,
        description: fields.optional("session_description")?,
        admin: shown(|name| fields.optional(name))?,
    };
    let domain = domain_with_open_sessions(state, user)?;
    let now = state.clock.now();
    let id = state.sessions.create(domain, user, new, now);
    // Its end may be the next thing that a channel waits for.
    state.channels.recheck();
    Reply::result(SessionCreated { session_id: Some(format!("{id:x}").into()), extra: Default::default() })
}

/// Reads the name and contact data that a participant shows to others.
fn shown(field: impl Fn(&str) -> Result<Option<Box<str>>, ApiFault>) -> Result<Shown, ApiFault> {
    Ok(Shown {
        nickname: field("user_nickname")?,
        first_name: field("user_first_name")?,
        last_name: field("user_last_name")?,
        phone_number: field("user_phone_number")?,
        email: field("user_email")?,
    })
}

fn get(state: &mut State, call: &Call, user: UserNo) -> Outcome {
    let id = session(state, call.require("session_id")?, user)?.id;
    details(state, state.sessions.get(id))
}

fn get_by_name(state: &mut State, call: &Call, user: UserNo) -> Outcome {
    let name = call.require("session_name")?;
    let domain = domain_with_open_sessions(state, user)?;
    details(state, state.sessions.by_name(domain, name))
}

fn details(state: &State, session: Option<&Session>) -> Outcome {
    let session = session.ok_or_else(|| unknown("session"))?;
    Reply::result(SessionDetails { session: Some(describe(state, session)), extra: Default::default() })
}

fn list(state: &mut State, call: &Call, user: UserNo) -> Outcome {
    let domain = domain_with_open_sessions(state, user)?;
    let session_type = call.query("session_type");
    let is_asked_for =
        |session: &&Session| session_type.is_none_or(|asked| session.session_type.as_deref() == Some(asked));
    reply(state, state.sessions.of_domain(domain).filter(is_asked_for))
}

fn list_by_type(state: &mut State, call: &Call, user: UserNo) -> Outcome {
    call.require("session_type")?;
    list(state, call, user)
}

fn list_by_creator(state: &mut State, _: &Call, user: UserNo) -> Outcome {
    domain_with_open_sessions(state, user)?;
    reply(state, state.sessions.of_admin(user))
}

fn reply<'a>(state: &State, sessions: impl Iterator<Item = &'a Session>) -> Outcome {
    let sessions = sessions.map(|session| describe(state, session)).collect();
    Reply::result(SessionList { sessions, extra: Default::default() })
}

fn start(state: &mut State, call: &Call, user: UserNo) -> Outcome {
    set_active(state, call, user, true)
}

fn stop(state: &mut State, call: &Call, user: UserNo) -> Outcome {
    set_active(state, call, user, false)
}

fn set_active(state: &mut State, call: &Call, user: UserNo, is_active: bool) -> Outcome {
    let id = own_session(state, &required(call, call.json()?, "session_id")?, user)?.id;
    if let Some(session) = state.sessions.get_mut(id)
        && session.is_active != is_active
    {
        session.is_active = is_active;
        let event = if is_active { SessionEvent::Active } else { SessionEvent::Inactive };
        state.push_session_event(event, id, user);
    }
    Reply::done()
}

fn delete(state: &mut State, call: &Call, user: UserNo) -> Outcome {
    let id = own_session(state, &required(call, call.json()?, "session_id")?, user)?.id;
    state.push_session_event(SessionEvent::Terminated, id, user);
    state.sessions.remove(id);
    Reply::done()
}

fn join(state: &mut State, call: &Call, user: UserNo) -> Outcome {
    let body = call.json()?;
    let session = session(state, &required(call, body, "session_id")?, user)?;
    if session.participant(user).is_some() {
        return Err(exists("participant").into());
    }
    let id = session.id;
    let shown = shown(|name| Ok(non_empty(body, name)?.map(Into::into)))?;
    state.sessions.join(id, user, shown);
    state.push_session_event(SessionEvent::UserJoinRequest, id, user);
    Reply::done()
}

fn leave(state: &mut State, call: &Call, user: UserNo) -> Outcome {
    let body = call.json()?;
    let session_id = required(call, body, "session_id")?;
    text(body, "leave_reason")?;
    let session = session(state, &session_id, user)?;
    // A session has exactly one admin.
    if session.admin == user {
        return Err(permission_denied().into());
    }
    session.participant(user).ok_or_else(|| unknown("participant"))?;
    let id = session.id;
    state.push_session_event(SessionEvent::UserLeave, id, user);
    state.sessions.leave(id, user);
    Reply::done()
}

/// The user of the same domain who is named in `full_user_id`, with the session of which the caller is the admin.
fn named(state: &mut State, call: &Call, user: UserNo, reason: Option<&str>) -> Result<(Id, UserNo), Refusal> {
    let body = call.json()?;
    let session_id = required(call, body, "session_id")?;
    let full_user_id = required(call, body, "full_user_id")?;
    if let Some(reason) = reason {
        // Checked, and not stored.
        text(body, reason)?;
    }
    if !full_user_id.contains('@') {
        return Err(invalid_identifier("full_user_id").into());
    }
    let id = own_session(state, &session_id, user)?.id;
    // A user of another domain is in no session of this one, which the callers check.
    let named = state.user_by_full_id(&full_user_id).ok_or_else(|| unknown("participant"))?;
    Ok((id, named))
}

/// As [`named`], if the join request of that user is pending.
fn pending(state: &mut State, call: &Call, user: UserNo, reason: Option<&str>) -> Result<(Id, UserNo), Refusal> {
    let (id, named) = named(state, call, user, reason)?;
    let participant = state.sessions.get(id).and_then(|session| session.participant(named));
    match participant {
        Some(participant) if !participant.is_approved => Ok((id, named)),
        _ => Err(unknown("join request").into()),
    }
}

fn accept(state: &mut State, call: &Call, user: UserNo) -> Outcome {
    let (id, named) = pending(state, call, user, None)?;
    state.sessions.approve(id, named);
    state.push_session_event(SessionEvent::JoinApprove, id, named);
    state.push_session_event(SessionEvent::UserJoin, id, named);
    Reply::done()
}

fn reject(state: &mut State, call: &Call, user: UserNo) -> Outcome {
    let (id, named) = pending(state, call, user, Some("reject_reason"))?;
    state.push_session_event(SessionEvent::JoinReject, id, named);
    state.sessions.leave(id, named);
    Reply::done()
}

fn boot(state: &mut State, call: &Call, user: UserNo) -> Outcome {
    let (id, named) = named(state, call, user, Some("boot_reason"))?;
    if named == user {
        return Err(permission_denied().into());
    }
    let session = state.sessions.get(id);
    session.and_then(|session| session.participant(named)).ok_or_else(|| unknown("participant"))?;
    state.push_session_event(SessionEvent::Boot, id, named);
    state.push_session_event(SessionEvent::UserBoot, id, named);
    state.sessions.leave(id, named);
    Reply::done()
}

fn describe(state: &State, session: &Session) -> types::Session {
    let full_user_id = |user| state.users.get(user).map(|user| state.full_user_id(user));
    let participants = session.participants();
    let participants = participants.into_iter().map(|(user, participant)| {
        let participant_type =
            if user == session.admin { ParticipantType::Admin } else { ParticipantType::Participant };
        describe_participant(full_user_id(user), participant_type, participant)
    });
    types::Session {
        session_id: Some(format!("{:x}", session.id).into()),
        session_type: owned(&session.session_type),
        session_name: owned(&session.name),
        session_description: owned(&session.description),
        session_status: Some(if session.is_active { SessionStatus::Active } else { SessionStatus::Inactive }),
        admin_full_user_id: full_user_id(session.admin),
        domain_name: state.domains.get(session.domain).map(|domain| domain.name.to_string()),
        creation_timestamp: i64::try_from(session.created).ok().map(Into::into),
        expiry_timestamp: i64::try_from(session.expires).ok().map(Into::into),
        participants: Some(participants.collect()),
        extra: Default::default(),
    }
}

/// Describes a participant with the data that was sent on joining.
fn describe_participant(
    full_user_id: Option<String>,
    participant_type: ParticipantType,
    Participant { is_approved, shown, .. }: &Participant,
) -> SessionParticipant {
    let extra =
        [("user_nickname", &shown.nickname), ("user_phone_number", &shown.phone_number), ("user_email", &shown.email)];
    let extra = extra.into_iter().filter_map(|(name, text)| Some((name.to_owned(), Value::from(text.as_deref()?))));
    SessionParticipant {
        full_user_id,
        type_: Some(participant_type),
        status: Some(if *is_approved { ParticipantStatus::Approved } else { ParticipantStatus::Pending }),
        user_first_name: owned(&shown.first_name),
        user_last_name: owned(&shown.last_name),
        extra: extra.collect(),
    }
}

fn owned(text: &Option<Box<str>>) -> Option<String> {
    text.as_deref().map(str::to_owned)
}
