//! [`SessionDetails`] and its participants, by id or by name. Depends on the pipeline.

use kandy_sys::{
    Call, Client, Envelope, ExtraFields, ParticipantStatus, ParticipantType, SessionStatus, Timestamp, types,
};

use crate::{
    Error, FullUserId, Result, SessionId, check,
    decode::Decoded,
    pipeline::{CallContext, CallSpec, request},
    value::{Origin, Value as _, from_generated, value},
};

/// Builder for [`Session::details`](crate::Session::details).
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct GetSessionDetails {
    call: CallContext,
    session_id: SessionId,
}

impl GetSessionDetails {
    pub(super) fn new(call: CallContext, session_id: SessionId) -> Self {
        Self { call, session_id }
    }
}

request!(GetSessionDetails => SessionDetails);

impl CallSpec for GetSessionDetails {
    type Response = Envelope<types::SessionDetails>;
    type Output = SessionDetails;

    fn subject(&self) -> String {
        format!("session {:?}", self.session_id.as_str())
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        check::fits_query("session_id", self.session_id.as_str())?;
        Ok(api.session_get(self.session_id.as_str()))
    }

    fn read(&self, details: Decoded<Self::Response>) -> Result<SessionDetails> {
        let mut session = details.session.ok_or_else(|| Error::missing("result.session"))?;
        // The request names the id, so the response need not repeat it.
        session.session_id.get_or_insert_with(|| self.session_id.as_str().into());
        SessionDetails::read_at(|| "result.session".to_owned(), session)
    }
}

/// Builder for [`User::session_by_name`](crate::User::session_by_name).
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct GetSessionByName {
    call: CallContext,
    name: String,
}

impl GetSessionByName {
    pub(super) fn new(call: CallContext, name: String) -> Self {
        Self { call, name }
    }
}

request!(GetSessionByName => SessionDetails);

impl CallSpec for GetSessionByName {
    type Response = Envelope<types::SessionDetails>;
    type Output = SessionDetails;

    fn subject(&self) -> String {
        format!("session {:?}", self.name)
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        check::fits_query("name", &self.name)?;
        Ok(api.session_get_by_name(&self.name))
    }

    fn read(&self, details: Decoded<Self::Response>) -> Result<SessionDetails> {
        let session = details.session.ok_or_else(|| Error::missing("result.session"))?;
        SessionDetails::read_at(|| "result.session".to_owned(), session)
    }
}

/// The details of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SessionDetails {
    /// The id, for [`User::session`](crate::User::session).
    pub session_id: SessionId,
    /// The type, such as `support` or `cobrowsing`.
    pub session_type: Option<String>,
    /// The name.
    pub name: Option<String>,
    /// The description.
    pub description: Option<String>,
    /// Whether the session is active.
    pub status: Option<SessionStatus>,
    /// The user who starts and stops the session and accepts participants.
    pub admin: Option<FullUserId>,
    /// The name of the domain of the session.
    pub domain_name: Option<String>,
    /// When the session was created.
    pub creation_timestamp: Option<Timestamp>,
    /// When the session expires.
    pub expiry_timestamp: Option<Timestamp>,
    /// The participants, and the users who have asked to join.
    pub participants: Vec<Participant>,
    /// Other fields, in the service's spelling.
    pub extra: ExtraFields,
}

value! {
    SessionDetails as Session {
        session_id: session_id,
        session_type: session_type,
        name: session_name,
        description: session_description,
        status: session_status,
        admin: admin_full_user_id,
        domain_name: domain_name,
        creation_timestamp: creation_timestamp,
        expiry_timestamp: expiry_timestamp,
        participants: participants,
        extra: extra,
    }
}

/// A participant of a session, or a user who has asked to join.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Participant {
    /// The user id with the domain.
    pub full_user_id: Option<FullUserId>,
    /// The role of the user.
    pub participant_type: Option<ParticipantType>,
    /// Whether the user is accepted.
    pub status: Option<ParticipantStatus>,
    /// The first name that the other participants see.
    pub first_name: Option<String>,
    /// The last name that the other participants see.
    pub last_name: Option<String>,
    /// Other fields, in the service's spelling.
    pub extra: ExtraFields,
}

value! {
    Participant as SessionParticipant {
        full_user_id: full_user_id,
        participant_type: type_,
        status: status,
        first_name: user_first_name,
        last_name: user_last_name,
        extra: extra,
    }
}

from_generated!(Participant as SessionParticipant);

impl SessionDetails {
    /// Returns the details of a session without the optional ones, as a test needs it.
    ///
    /// ```
    /// let mut session = kandy::SessionDetails::new("0af3");
    /// session.name = Some("Support".to_owned());
    /// assert!(session.participants.is_empty());
    /// ```
    pub fn new(session_id: impl Into<SessionId>) -> Self {
        Self {
            session_id: session_id.into(),
            session_type: None,
            name: None,
            description: None,
            status: None,
            admin: None,
            domain_name: None,
            creation_timestamp: None,
            expiry_timestamp: None,
            participants: Vec::new(),
            extra: ExtraFields::default(),
        }
    }

    /// Reads the session at `path` of a response.
    pub(super) fn read_at(path: impl Fn() -> String, session: types::Session) -> Result<Self> {
        Self::read(session, Origin::Response).map_err(|field| Error::missing(format!("{}.{field}", path())))
    }
}
