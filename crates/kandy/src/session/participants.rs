use kandy_sys::{Client, types};

use super::create::shown_as;
use crate::{
    FullUserId, Result, SessionId, check,
    error::result_of,
    pipeline::{Call, Request, request},
};

/// [`Session::join`](crate::Session::join), in the making.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct JoinSession {
    call: Call,
    body: types::SessionJoin,
}

impl JoinSession {
    pub(super) fn new(call: Call, session_id: &SessionId) -> Self {
        Self {
            call,
            body: types::SessionJoin {
                session_id: session_id.to_string(),
                user_email: None,
                user_first_name: None,
                user_last_name: None,
                user_nickname: None,
                user_phone_number: None,
            },
        }
    }
}

shown_as!(JoinSession);
request!(JoinSession => ());

impl Request for JoinSession {
    type Output = ();

    fn subject(&self) -> String {
        format!("session {:?}", self.body.session_id)
    }

    async fn run(&self, client: &Client) -> Result<()> {
        check::fits_query("session_id", &self.body.session_id)?;
        result_of("session_join", client.session_join(&self.body).await)?;
        Ok(())
    }
}

/// [`Session::leave`](crate::Session::leave), in the making.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct LeaveSession {
    call: Call,
    body: types::SessionLeave,
}

impl LeaveSession {
    pub(super) fn new(call: Call, session_id: &SessionId) -> Self {
        Self { call, body: types::SessionLeave { session_id: session_id.to_string(), leave_reason: None } }
    }

    /// Why the user leaves, in plain words.
    pub fn reason(mut self, reason: impl Into<String>) -> Self {
        self.body.leave_reason = Some(reason.into());
        self
    }
}

request!(LeaveSession => ());

impl Request for LeaveSession {
    type Output = ();

    fn subject(&self) -> String {
        format!("session {:?}", self.body.session_id)
    }

    async fn run(&self, client: &Client) -> Result<()> {
        check::fits_query("session_id", &self.body.session_id)?;
        result_of("session_leave", client.session_leave(&self.body).await)?;
        Ok(())
    }
}

/// [`Session::accept`](crate::Session::accept), in the making.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct AcceptParticipant {
    call: Call,
    full_user_id: FullUserId,
    body: types::SessionParticipantAccept,
}

impl AcceptParticipant {
    pub(super) fn new(call: Call, session_id: &SessionId, full_user_id: FullUserId) -> Self {
        Self {
            call,
            body: types::SessionParticipantAccept {
                session_id: session_id.to_string(),
                full_user_id: full_user_id.to_string(),
            },
            full_user_id,
        }
    }
}

request!(AcceptParticipant => ());

impl Request for AcceptParticipant {
    type Output = ();

    fn subject(&self) -> String {
        format!("user {:?} in session {:?}", self.full_user_id.as_str(), self.body.session_id)
    }

    async fn run(&self, client: &Client) -> Result<()> {
        check::fits_query("session_id", &self.body.session_id)?;
        check::full_user_id("full_user_id", &self.full_user_id)?;
        result_of("session_participant_accept", client.session_participant_accept(&self.body).await)?;
        Ok(())
    }
}

/// [`Session::reject`](crate::Session::reject), in the making.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct RejectParticipant {
    call: Call,
    full_user_id: FullUserId,
    body: types::SessionParticipantReject,
}

impl RejectParticipant {
    pub(super) fn new(call: Call, session_id: &SessionId, full_user_id: FullUserId) -> Self {
        Self {
            call,
            body: types::SessionParticipantReject {
                session_id: session_id.to_string(),
                full_user_id: full_user_id.to_string(),
                reject_reason: None,
            },
            full_user_id,
        }
    }

    /// Why the user is turned down, in plain words.
    pub fn reason(mut self, reason: impl Into<String>) -> Self {
        self.body.reject_reason = Some(reason.into());
        self
    }
}

request!(RejectParticipant => ());

impl Request for RejectParticipant {
    type Output = ();

    fn subject(&self) -> String {
        format!("user {:?} in session {:?}", self.full_user_id.as_str(), self.body.session_id)
    }

    async fn run(&self, client: &Client) -> Result<()> {
        check::fits_query("session_id", &self.body.session_id)?;
        check::full_user_id("full_user_id", &self.full_user_id)?;
        result_of("session_participant_reject", client.session_participant_reject(&self.body).await)?;
        Ok(())
    }
}

/// [`Session::boot`](crate::Session::boot), in the making.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct BootParticipant {
    call: Call,
    full_user_id: FullUserId,
    body: types::SessionParticipantBoot,
}

impl BootParticipant {
    pub(super) fn new(call: Call, session_id: &SessionId, full_user_id: FullUserId) -> Self {
        Self {
            call,
            body: types::SessionParticipantBoot {
                session_id: session_id.to_string(),
                full_user_id: full_user_id.to_string(),
                boot_reason: None,
            },
            full_user_id,
        }
    }

    /// Why the user is thrown out, in plain words.
    pub fn reason(mut self, reason: impl Into<String>) -> Self {
        self.body.boot_reason = Some(reason.into());
        self
    }
}

request!(BootParticipant => ());

impl Request for BootParticipant {
    type Output = ();

    fn subject(&self) -> String {
        format!("user {:?} in session {:?}", self.full_user_id.as_str(), self.body.session_id)
    }

    async fn run(&self, client: &Client) -> Result<()> {
        check::fits_query("session_id", &self.body.session_id)?;
        check::full_user_id("full_user_id", &self.full_user_id)?;
        result_of("session_participant_boot", client.session_participant_boot(&self.body).await)?;
        Ok(())
    }
}
