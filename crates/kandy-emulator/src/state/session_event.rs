//! Events of sessions, which are pushed to channels and are pending nowhere.
//!
//! Depends on `channels` and `session`. Begin with `State::push_session_event`.

use kandy_sys::SessionEventType;
use serde_json::json;

use super::{Push, Session, State, UserNo};
use crate::state::id::Id;

/// An event of a session that the emulator pushes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SessionEvent {
    UserJoinRequest,
    JoinApprove,
    UserJoin,
    JoinReject,
    UserLeave,
    Boot,
    UserBoot,
    Active,
    Inactive,
    Terminated,
}

impl SessionEvent {
    fn event_type(self) -> SessionEventType {
        match self {
            Self::UserJoinRequest => SessionEventType::UserJoinRequest,
            Self::JoinApprove => SessionEventType::JoinApprove,
            Self::UserJoin => SessionEventType::UserJoin,
            Self::JoinReject => SessionEventType::JoinReject,
            Self::UserLeave => SessionEventType::UserLeave,
            Self::Boot => SessionEventType::Boot,
            Self::UserBoot => SessionEventType::UserBoot,
            Self::Active => SessionEventType::Active,
            Self::Inactive => SessionEventType::Inactive,
            Self::Terminated => SessionEventType::Terminated,
        }
    }

    /// Returns who receives the event about a user of a session.
    fn receivers(self, session: &Session, about: UserNo) -> Vec<UserNo> {
        let is_approved = session.participant(about).is_some_and(|participant| participant.is_approved);
        let users = session.participants().into_iter();
        let approved = users.clone().filter_map(|(user, participant)| participant.is_approved.then_some(user));
        match self {
            Self::JoinApprove | Self::JoinReject | Self::Boot => vec![about],
            Self::UserJoinRequest => vec![session.admin],
            // Only the admin knew of a join request.
            Self::UserLeave | Self::UserBoot if !is_approved => vec![session.admin],
            Self::UserJoin | Self::UserLeave | Self::UserBoot => approved.filter(|user| *user != about).collect(),
            Self::Active | Self::Inactive => approved.collect(),
            Self::Terminated => users.map(|(user, _)| user).collect(),
        }
    }
}

impl State {
    /// Pushes an event about a user of an open session.
    pub(crate) fn push_session_event(&mut self, event: SessionEvent, session: Id, about: UserNo) {
        if self.channels.is_empty() {
            return;
        }
        let Some(session) = self.sessions.get(session) else { return };
        let (id, receivers) = (session.id, event.receivers(session, about));
        self.push_to(event, id, about, receivers);
    }

    /// Pushes that a session has ended, which is removed already.
    pub(super) fn push_terminated(&mut self, session: &Session) {
        if !self.channels.is_empty() {
            let receivers = SessionEvent::Terminated.receivers(session, session.admin);
            self.push_to(SessionEvent::Terminated, session.id, session.admin, receivers);
        }
    }

    fn push_to(&mut self, event: SessionEvent, session: Id, about: UserNo, receivers: Vec<UserNo>) {
        let full_user_id = self.users.get(about).map(|user| self.full_user_id(user));
        let payload = json!({"message_type": event.event_type(), "session_id": format!("{session:x}"), "full_user_id": full_user_id});
        let frame = json!({"message_type": "sessionNotification", "payload": payload}).to_string();
        let push = Push::Frame(frame.into());
        for receiver in receivers {
            self.channels.push(receiver, &push);
        }
    }

    /// Removes a deleted user from all sessions, and pushes the end of those that the user is the admin of.
    pub(super) fn leave_sessions(&mut self, user: UserNo) {
        if !self.channels.is_empty() {
            let sessions: Vec<_> = self.sessions.of_user(user).collect();
            for (id, admin) in sessions {
                let event = if admin == user { SessionEvent::Terminated } else { SessionEvent::UserLeave };
                self.push_session_event(event, id, user);
            }
        }
        self.sessions.remove_user(user);
    }

    /// Removes expired sessions, and pushes their end.
    pub(crate) fn expire_sessions(&mut self) {
        for session in self.sessions.expire(self.clock.now()) {
            self.push_terminated(&session);
        }
    }
}
