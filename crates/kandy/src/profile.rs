//! Profiles of users, which other users can read. Depends on the pipeline; begin reading at [`User::profile`].

use std::fmt;

use kandy_sys::{Call, Client, Envelope, ExtraFields, NoResult, types};
use serde_json::Value as Json;

use crate::{
    Error, Result, User, UserId, check,
    decode::Decoded,
    pipeline::{CallContext, CallSpec, request},
    value::{Origin, Value, from_generated, serde_by, without_credentials},
};

impl User {
    /// Returns the profile of any user.
    ///
    /// The fields of the response are not known; very likely they are those that were set.
    ///
    /// Operation `user_profile_get`, confidence C: seen in one client.
    ///
    /// ```
    /// # async fn example(russ: kandy::User) -> kandy::Result<()> {
    /// println!("{:?}", russ.profile("anna", "example.com").await?.status_text);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] when the user id is empty or contains `@`, or the name of the domain is empty;
    /// [`is_not_found`](Error::is_not_found); [`Error::Api`], [`Error::Transport`], [`Error::Decode`].
    pub fn profile(&self, user_id: impl Into<UserId>, domain_name: impl Into<String>) -> GetUserProfile {
        GetUserProfile { call: self.call(), user_id: user_id.into(), domain_name: domain_name.into() }
    }

    /// Sets the profile of this user. What happens to a field that is not given is not known.
    ///
    /// Operation `user_profile_set`, confidence C: seen in one client.
    ///
    /// ```
    /// # async fn example(russ: kandy::User) -> kandy::Result<()> {
    /// russ.set_profile().first_name("Russ").last_name("Doe").status_text("Out for lunch").await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] when no field is given, or the fields are longer than 6 KiB together; [`Error::Api`],
    /// [`Error::Transport`].
    pub fn set_profile(&self) -> SetUserProfile {
        SetUserProfile {
            call: self.call(),
            first_name: None,
            last_name: None,
            status_text: None,
            image_details: None,
            user_data: None,
        }
    }
}

/// Builder for [`User::profile`].
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct GetUserProfile {
    call: CallContext,
    user_id: UserId,
    domain_name: String,
}

request!(GetUserProfile => UserProfile);

impl CallSpec for GetUserProfile {
    type Response = Envelope<types::UserProfile>;
    type Output = UserProfile;

    fn subject(&self) -> String {
        format!("user {:?} of domain {:?}", self.user_id.as_str(), self.domain_name)
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        check::user_id("user_id", &self.user_id)?;
        check::fits_query("domain_name", &self.domain_name)?;
        Ok(api.user_profile_get(&self.domain_name, self.user_id.as_str()))
    }

    fn read(&self, result: Decoded<Self::Response>) -> Result<UserProfile> {
        Ok(result.into())
    }
}

/// The profile of a user.
///
/// Each field has the value that was set, if the service returns it under the name of the parameter that sets it. A
/// value that is neither a string nor `null` is encoded as JSON.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct UserProfile {
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// The status text, which other users can read.
    pub status_text: Option<String>,
    /// The user's image. Its form is not known.
    pub image_details: Option<String>,
    /// Any other data that the user stores.
    pub user_data: Option<String>,
    /// Other fields of the response.
    pub extra: ExtraFields,
}

/// The fields that are set by parameters of the same names.
const FIELDS: [&str; 5] = ["first_name", "last_name", "status_text", "image_details", "user_data"];

impl Value<types::UserProfile> for UserProfile {
    fn read(profile: types::UserProfile, _: Origin) -> std::result::Result<Self, &'static str> {
        let mut extra = ExtraFields::from(profile);
        let [first_name, last_name, status_text, image_details, user_data] =
            FIELDS.map(|name| match extra.remove(name) {
                None | Some(Json::Null) => None,
                Some(Json::String(text)) => Some(text),
                Some(other) => Some(other.to_string()),
            });
        Ok(Self { first_name, last_name, status_text, image_details, user_data, extra })
    }

    fn write(&self) -> types::UserProfile {
        let Self { first_name, last_name, status_text, image_details, user_data, extra } = self;
        let mut fields = without_credentials(extra);
        for (name, field) in FIELDS.into_iter().zip([first_name, last_name, status_text, image_details, user_data]) {
            if let Some(text) = field {
                fields.insert(name.to_owned(), text.as_str().into());
            }
        }
        fields.into()
    }
}

serde_by!(UserProfile, UserProfile);

from_generated!(UserProfile as UserProfile);

/// Hides the values of `image_details`, `user_data` and `extra`: their content is free, so it may be secret.
impl fmt::Debug for UserProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hidden = |field: &Option<String>| field.as_ref().map(|_| format_args!("…"));
        f.debug_struct("UserProfile")
            .field("first_name", &self.first_name)
            .field("last_name", &self.last_name)
            .field("status_text", &self.status_text)
            .field("image_details", &hidden(&self.image_details))
            .field("user_data", &hidden(&self.user_data))
            .field("extra", &self.extra)
            .finish()
    }
}

/// Builder for [`User::set_profile`].
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct SetUserProfile {
    call: CallContext,
    first_name: Option<String>,
    last_name: Option<String>,
    status_text: Option<String>,
    image_details: Option<String>,
    user_data: Option<String>,
}

impl SetUserProfile {
    /// Sets the first name.
    pub fn first_name(mut self, first_name: impl Into<String>) -> Self {
        self.first_name = Some(first_name.into());
        self
    }

    /// Sets the last name.
    pub fn last_name(mut self, last_name: impl Into<String>) -> Self {
        self.last_name = Some(last_name.into());
        self
    }

    /// Sets the status text, which other users can read.
    pub fn status_text(mut self, status_text: impl Into<String>) -> Self {
        self.status_text = Some(status_text.into());
        self
    }

    /// Sets the user's image. Its form is not known; clients send a string, or JSON encoded as a string.
    pub fn image_details(mut self, image_details: impl Into<String>) -> Self {
        self.image_details = Some(image_details.into());
        self
    }

    /// Sets any other data that the user stores. Clients send a string, or JSON encoded as a string.
    ///
    /// It is part of the URL, and other users can read it: do not store secrets in it.
    pub fn user_data(mut self, user_data: impl Into<String>) -> Self {
        self.user_data = Some(user_data.into());
        self
    }
}

request!(SetUserProfile => ());

impl CallSpec for SetUserProfile {
    type Response = Envelope<NoResult>;
    type Output = ();

    fn subject(&self) -> String {
        "the user".to_owned()
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        let [first_name, last_name, status_text, image_details, user_data] = FIELDS;
        let fields = [
            (first_name, self.first_name.as_deref()),
            (last_name, self.last_name.as_deref()),
            (status_text, self.status_text.as_deref()),
            (image_details, self.image_details.as_deref()),
            (user_data, self.user_data.as_deref()),
        ];
        if fields.iter().all(|(_, field)| field.is_none()) {
            return Err(Error::argument("profile", "no field is given, so there is nothing to set"));
        }
        // All fields go into the query, so the limit applies to their sum.
        check::fit_query(&fields)?;
        let [(_, first_name), (_, last_name), (_, status_text), (_, image_details), (_, user_data)] = fields;
        Ok(api.user_profile_set(first_name, image_details, last_name, status_text, user_data))
    }

    fn read(&self, _: Decoded<Self::Response>) -> Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_of_any_form_is_read() {
        let profile: types::UserProfile = serde_json::from_value(serde_json::json!({
            "first_name": "Russ",
            "last_name": null,
            "image_details": {"url": "https://example.com/canary.png"},
            "user_data": "canary",
            "token": "canary",
        }))
        .expect("an object");
        let profile: UserProfile = profile.into();
        assert_eq!((profile.first_name.as_deref(), &profile.last_name), (Some("Russ"), &None));
        assert_eq!(profile.image_details.as_deref(), Some(r#"{"url":"https://example.com/canary.png"}"#));
        assert_eq!(profile.user_data.as_deref(), Some("canary"));
        assert_eq!(profile.extra["token"], "canary");
        assert!(!format!("{profile:?}").contains("canary"), "{profile:?}");
    }
}
