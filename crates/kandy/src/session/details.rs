//! [`SessionDetails`] and its participants, by id or by name. Depends on the pipeline.

use kandy_sys::{
    Call, Client, Envelope, ExtraFields, ParticipantStatus, ParticipantType, SessionStatus, Timestamp, types,
};

use crate::{
    Error, FullUserId, Result, SessionId, check,
    decode::Decoded,
    pipeline::{CallContext, CallSpec, request},
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
        SessionDetails::read(|| "result.session".to_owned(), session)
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
        SessionDetails::read(|| "result.session".to_owned(), session)
    }
}

/// The details of a session.
#[derive(Clone, Debug)]
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

/// A participant of a session, or a user who has asked to join.
#[derive(Clone, Debug)]
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

impl SessionDetails {
    /// Reads the session at `path` of a response.
    pub(super) fn read(path: impl Fn() -> String, session: types::Session) -> Result<Self> {
        let session_id = session.session_id.ok_or_else(|| Error::missing(format!("{}.session_id", path())))?;
        Ok(Self {
            session_id: String::from(session_id).into(),
            session_type: session.session_type,
            name: session.session_name,
            description: session.session_description,
            status: session.session_status,
            admin: session.admin_full_user_id.map(Into::into),
            domain_name: session.domain_name,
            creation_timestamp: session.creation_timestamp,
            expiry_timestamp: session.expiry_timestamp,
            participants: session.participants.unwrap_or_default().into_iter().map(Into::into).collect(),
            extra: session.extra,
        })
    }
}

impl From<types::SessionParticipant> for Participant {
    fn from(participant: types::SessionParticipant) -> Self {
        Self {
            full_user_id: participant.full_user_id.map(Into::into),
            participant_type: participant.type_,
            status: participant.status,
            first_name: participant.user_first_name,
            last_name: participant.user_last_name,
            extra: participant.extra,
        }
    }
}
