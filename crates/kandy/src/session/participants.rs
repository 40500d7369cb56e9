//! Joining and leaving a session, and the admin's decisions on participants. Depends on the pipeline.

use kandy_sys::{Call, Client, Envelope, NoResult, types};

use super::create::shown_as;
use crate::{
    FullUserId, Result, SessionId, check,
    decode::Decoded,
    pipeline::{CallContext, CallSpec, request},
};

/// Builder for [`Session::join`](crate::Session::join).
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct JoinSession {
    call: CallContext,
    body: types::SessionJoin,
}

impl JoinSession {
    pub(super) fn new(call: CallContext, session_id: &SessionId) -> Self {
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

impl CallSpec for JoinSession {
    type Response = Envelope<NoResult>;
    type Output = ();

    fn subject(&self) -> String {
        format!("session {:?}", self.body.session_id)
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        check::fits_query("session_id", &self.body.session_id)?;
        Ok(api.session_join(&self.body))
    }

    fn read(&self, _: Decoded<Self::Response>) -> Result<()> {
        Ok(())
    }
}

/// Builder for [`Session::leave`](crate::Session::leave).
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct LeaveSession {
    call: CallContext,
    body: types::SessionLeave,
}

impl LeaveSession {
    pub(super) fn new(call: CallContext, session_id: &SessionId) -> Self {
        Self { call, body: types::SessionLeave { session_id: session_id.to_string(), leave_reason: None } }
    }

    /// Sets the reason for leaving, as free text.
    pub fn reason(mut self, reason: impl Into<String>) -> Self {
        self.body.leave_reason = Some(reason.into());
        self
    }
}

request!(LeaveSession => ());

impl CallSpec for LeaveSession {
    type Response = Envelope<NoResult>;
    type Output = ();

    fn subject(&self) -> String {
        format!("session {:?}", self.body.session_id)
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        check::fits_query("session_id", &self.body.session_id)?;
        Ok(api.session_leave(&self.body))
    }

    fn read(&self, _: Decoded<Self::Response>) -> Result<()> {
        Ok(())
    }
}

/// Builder for [`Session::accept`](crate::Session::accept).
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct AcceptParticipant {
    call: CallContext,
    full_user_id: FullUserId,
    body: types::SessionParticipantAccept,
}

impl AcceptParticipant {
    pub(super) fn new(call: CallContext, session_id: &SessionId, full_user_id: FullUserId) -> Self {
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

impl CallSpec for AcceptParticipant {
    type Response = Envelope<NoResult>;
    type Output = ();

    fn subject(&self) -> String {
        format!("user {:?} in session {:?}", self.full_user_id.as_str(), self.body.session_id)
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        check::fits_query("session_id", &self.body.session_id)?;
        check::full_user_id("full_user_id", &self.full_user_id)?;
        Ok(api.session_participant_accept(&self.body))
    }

    fn read(&self, _: Decoded<Self::Response>) -> Result<()> {
        Ok(())
    }
}

/// Builder for [`Session::reject`](crate::Session::reject).
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct RejectParticipant {
    call: CallContext,
    full_user_id: FullUserId,
    body: types::SessionParticipantReject,
}

impl RejectParticipant {
    pub(super) fn new(call: CallContext, session_id: &SessionId, full_user_id: FullUserId) -> Self {
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

    /// Sets the reason for the rejection, as free text.
    pub fn reason(mut self, reason: impl Into<String>) -> Self {
        self.body.reject_reason = Some(reason.into());
        self
    }
}

request!(RejectParticipant => ());

impl CallSpec for RejectParticipant {
    type Response = Envelope<NoResult>;
    type Output = ();

    fn subject(&self) -> String {
        format!("user {:?} in session {:?}", self.full_user_id.as_str(), self.body.session_id)
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        check::fits_query("session_id", &self.body.session_id)?;
        check::full_user_id("full_user_id", &self.full_user_id)?;
        Ok(api.session_participant_reject(&self.body))
    }

    fn read(&self, _: Decoded<Self::Response>) -> Result<()> {
        Ok(())
    }
}

/// Builder for [`Session::boot`](crate::Session::boot).
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct BootParticipant {
    call: CallContext,
    full_user_id: FullUserId,
    body: types::SessionParticipantBoot,
}

impl BootParticipant {
    pub(super) fn new(call: CallContext, session_id: &SessionId, full_user_id: FullUserId) -> Self {
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

    /// Sets the reason for the removal, as free text.
    pub fn reason(mut self, reason: impl Into<String>) -> Self {
        self.body.boot_reason = Some(reason.into());
        self
    }
}

request!(BootParticipant => ());

impl CallSpec for BootParticipant {
    type Response = Envelope<NoResult>;
    type Output = ();

    fn subject(&self) -> String {
        format!("user {:?} in session {:?}", self.full_user_id.as_str(), self.body.session_id)
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        check::fits_query("session_id", &self.body.session_id)?;
        check::full_user_id("full_user_id", &self.full_user_id)?;
        Ok(api.session_participant_boot(&self.body))
    }

    fn read(&self, _: Decoded<Self::Response>) -> Result<()> {
        Ok(())
    }
}
