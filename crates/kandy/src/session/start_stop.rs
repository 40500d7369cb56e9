//! Starting, stopping and deleting a session. Depends on the pipeline.

use kandy_sys::{Call, Client, Envelope, NoResult, types};

use crate::{
    Result, SessionId, check,
    decode::Decoded,
    pipeline::{CallContext, CallSpec, request},
};

/// Builder for [`Session::start`](crate::Session::start).
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct StartSession {
    call: CallContext,
    body: types::SessionReference,
}

impl StartSession {
    pub(super) fn new(call: CallContext, session_id: &SessionId) -> Self {
        Self { call, body: types::SessionReference { session_id: session_id.to_string() } }
    }
}

request!(StartSession => ());

impl CallSpec for StartSession {
    type Response = Envelope<NoResult>;
    type Output = ();

    fn subject(&self) -> String {
        format!("session {:?}", self.body.session_id)
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        check::fits_query("session_id", &self.body.session_id)?;
        Ok(api.session_start(&self.body))
    }

    fn read(&self, _: Decoded<Self::Response>) -> Result<()> {
        Ok(())
    }
}

/// Builder for [`Session::stop`](crate::Session::stop).
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct StopSession {
    call: CallContext,
    body: types::SessionReference,
}

impl StopSession {
    pub(super) fn new(call: CallContext, session_id: &SessionId) -> Self {
        Self { call, body: types::SessionReference { session_id: session_id.to_string() } }
    }
}

request!(StopSession => ());

impl CallSpec for StopSession {
    type Response = Envelope<NoResult>;
    type Output = ();

    fn subject(&self) -> String {
        format!("session {:?}", self.body.session_id)
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        check::fits_query("session_id", &self.body.session_id)?;
        Ok(api.session_stop(&self.body))
    }

    fn read(&self, _: Decoded<Self::Response>) -> Result<()> {
        Ok(())
    }
}

/// Builder for [`Session::delete`](crate::Session::delete).
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct DeleteSession {
    call: CallContext,
    body: types::SessionReference,
}

impl DeleteSession {
    pub(super) fn new(call: CallContext, session_id: &SessionId) -> Self {
        Self { call, body: types::SessionReference { session_id: session_id.to_string() } }
    }
}

request!(DeleteSession => ());

impl CallSpec for DeleteSession {
    type Response = Envelope<NoResult>;
    type Output = ();

    fn subject(&self) -> String {
        format!("session {:?}", self.body.session_id)
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        check::fits_query("session_id", &self.body.session_id)?;
        Ok(api.session_delete(&self.body))
    }

    fn read(&self, _: Decoded<Self::Response>) -> Result<()> {
        Ok(())
    }
}
