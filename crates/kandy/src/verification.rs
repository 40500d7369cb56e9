//! Verification of phone numbers, registration of users by a code, and the configuration of a domain. Depends on the
//! pipeline and `auth`; begin reading at [`Domain::send_verification_code`].

use kandy_sys::{Call, Client, Envelope, ExtraFields, NoResult, Secret, types};

use crate::{
    AccessToken, ApiKey, ApiSecret, DeviceId, Domain, Error, FullUserId, Result, SpidrConfiguration, User, UserId,
    auth, check,
    decode::Decoded,
    pipeline::{CallContext, CallSpec, request},
    value::{Origin, Value as _, from_generated, value},
};

impl Domain {
    /// Sends a validation code to a phone number by SMS, which costs money.
    ///
    /// `country_code` is two letters of ISO 3166-1 (`US`), or a dialling code (`1`, `+1`). `phone_number` is a number
    /// of this country, by the rule of [`NationalNumber`](kandy_sys::NationalNumber); it is sent as digits, without
    /// dialling code and trunk prefix. The call is not retried after the code may have been sent: see
    /// [`may_have_been_applied`](Error::may_have_been_applied).
    ///
    /// Operation `verification_code_send`, confidence B.
    ///
    /// ```
    /// # async fn example(domain: kandy::Domain) -> kandy::Result<()> {
    /// domain.send_verification_code("4034932232", "US").await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] when the number is not one of the country or the country is unknown; [`Error::Api`],
    /// [`Error::Transport`].
    pub fn send_verification_code(
        &self,
        phone_number: impl Into<String>,
        country_code: impl Into<String>,
    ) -> SendVerificationCode {
        let (user_phone_number, user_country_code) = (phone_number.into(), country_code.into());
        let body = types::VerificationCodeSend { user_country_code, user_phone_number };
        SendVerificationCode { call: CallContext::new(self.client()), body }
    }

    /// Checks the validation code that a user has received. A wrong code is not an error: see
    /// [`valid`](VerificationCheck::valid).
    ///
    /// Operation `verification_code_check`, confidence B. Whether a check uses up the code is not known, so the
    /// call is not retried after it may have been applied.
    ///
    /// ```
    /// # async fn example(domain: kandy::Domain) -> kandy::Result<()> {
    /// let check = domain.check_verification_code("1234").phone_number("4034932232").country_code("US").await?;
    /// println!("{}", if check.valid { "welcome" } else { "wrong code" });
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] when the code is empty, the number is not one of the country, it has `+` and no country is
    /// given, or the country is unknown; [`Error::Api`], [`Error::Transport`], [`Error::Decode`].
    pub fn check_verification_code(&self, code: impl Into<Secret>) -> CheckVerificationCode {
        let call = CallContext::new(self.client());
        CheckVerificationCode { call, code: code.into(), phone_number: None, country_code: None }
    }

    /// Registers a user who has received a validation code: checks the code, creates the user and a device, and returns
    /// an access token of the user. The user id consists of the dialling code of the country and the phone number.
    ///
    /// `country_code` is two letters of ISO 3166-1 (`US`), or a dialling code (`1`, `+1`). `phone_number` is a number
    /// of this country; it is sent as digits, without dialling code and trunk prefix. `device_native_id` is the
    /// hardware id of the device, such as its UDID, IMEI or MAC address.
    ///
    /// Operation `registration_create`, confidence C: seen in one client.
    ///
    /// ```
    /// # async fn example(kandy: kandy::Kandy, domain: kandy::Domain) -> kandy::Result<()> {
    /// let registration = domain.register("4034932232", "US", "1234", "12345678901234").await?;
    /// if let (Some(access_token), Some(device_id)) = (registration.access_token, registration.device_id) {
    ///     kandy.user_with_token(access_token).device(device_id).send_sms("+12245556666", "Hello").await?;
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] when the number is not one of the country, the country is unknown, or the code or the native
    /// id is empty; [`Error::Api`], [`Error::Transport`], [`Error::Decode`].
    pub fn register(
        &self,
        phone_number: impl Into<String>,
        country_code: impl Into<String>,
        validation_code: impl Into<Secret>,
        device_native_id: impl Into<String>,
    ) -> Register {
        Register {
            call: CallContext::new(self.client()),
            phone_number: phone_number.into(),
            country_code: country_code.into(),
            validation_code: validation_code.into(),
            device_native_id: device_native_id.into(),
            client_sw_version: None,
            client_sw_type: None,
        }
    }

    /// Returns the configuration that a client of the domain reads first: an access token, and the addresses of the
    /// call server. This needs the API key and the secret of the domain.
    ///
    /// The access token is a new one, not that of this handle. It is for passing it to another program.
    ///
    /// Operation `configuration_get`, confidence C: seen in one client.
    ///
    /// ```
    /// # async fn example(kandy: kandy::Kandy, domain: kandy::Domain) -> kandy::Result<()> {
    /// let configuration = domain.configuration().await?;
    /// let users = kandy.domain_with_token("DAK…", configuration.access_token).users().await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] when the handle has no secret, or the key or the secret is empty or of another level;
    /// [`is_unauthorized`](Error::is_unauthorized) when they are refused; [`Error::Api`], [`Error::Transport`],
    /// [`Error::Decode`].
    pub fn configuration(&self) -> GetConfiguration {
        let (api_key, api_secret) = (self.api_key().clone(), self.api_secret().cloned());
        GetConfiguration { call: CallContext::new(self.client()), api_key, api_secret }
    }
}

/// Builder for [`Domain::send_verification_code`].
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct SendVerificationCode {
    call: CallContext,
    body: types::VerificationCodeSend,
}

request!(SendVerificationCode => ());

impl CallSpec for SendVerificationCode {
    type Response = Envelope<NoResult>;
    type Output = ();

    fn subject(&self) -> String {
        format!("phone number {:?}", self.body.user_phone_number)
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        check::phone_number("phone_number", &self.body.user_phone_number)?;
        let plan = check::numbering_plan("country_code", &self.body.user_country_code)?;
        let user_phone_number = check::national_number("phone_number", &self.body.user_phone_number, plan)?;
        let body = types::VerificationCodeSend { user_phone_number, ..self.body.clone() };
        Ok(api.verification_code_send(&body))
    }

    fn read(&self, _: Decoded<Self::Response>) -> Result<()> {
        Ok(())
    }
}

/// Builder for [`Domain::check_verification_code`].
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct CheckVerificationCode {
    call: CallContext,
    code: Secret,
    phone_number: Option<String>,
    country_code: Option<String>,
}

impl CheckVerificationCode {
    /// Sets the phone number that the code was sent to. Some clients send it, others do not. With a country, it may
    /// have the dialling code and the trunk prefix; without one, it has to be in the form in which the code was
    /// requested.
    pub fn phone_number(mut self, phone_number: impl Into<String>) -> Self {
        self.phone_number = Some(phone_number.into());
        self
    }

    /// Sets the country of the number: two letters of ISO 3166-1 (`US`), or a dialling code (`1`, `+1`).
    pub fn country_code(mut self, country_code: impl Into<String>) -> Self {
        self.country_code = Some(country_code.into());
        self
    }
}

request!(CheckVerificationCode => VerificationCheck);

impl CallSpec for CheckVerificationCode {
    type Response = Envelope<types::VerificationCodeChecked>;
    type Output = VerificationCheck;

    fn subject(&self) -> String {
        match &self.phone_number {
            Some(phone_number) => format!("phone number {phone_number:?}"),
            None => "a validation code".to_owned(),
        }
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        check::fits_query("code", self.code.expose())?;
        let country_code = self.country_code.as_deref();
        let plan = country_code.map(|country| check::numbering_plan("country_code", country)).transpose()?;
        // Without a country the trunk prefix is not known, so only punctuation is removed.
        let national = |number: &String| match plan {
            Some(plan) => check::national_number("phone_number", number, plan),
            None => check::number_without_country("phone_number", number),
        };
        let phone_number = self.phone_number.as_ref().map(national).transpose()?;
        Ok(api.verification_code_check(country_code, phone_number.as_deref(), &self.code).into_owned(api))
    }

    fn read(&self, checked: Decoded<Self::Response>) -> Result<VerificationCheck> {
        VerificationCheck::read(checked, Origin::Response).map_err(|field| Error::missing(format!("result.{field}")))
    }
}

/// The result of checking a validation code.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct VerificationCheck {
    /// Whether the code is the one that was sent.
    pub valid: bool,
    /// A text to display; seen in one old client.
    pub message: Option<String>,
}

impl VerificationCheck {
    /// Returns the result of a check, as a test needs it.
    ///
    /// ```
    /// assert!(kandy::VerificationCheck::new(true).valid);
    /// ```
    pub fn new(valid: bool) -> Self {
        Self { valid, message: None }
    }
}

value! {
    VerificationCheck as VerificationCodeChecked {
        valid: valid,
        message: message,
    }
}

/// Builder for [`Domain::register`].
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct Register {
    call: CallContext,
    phone_number: String,
    country_code: String,
    validation_code: Secret,
    device_native_id: String,
    client_sw_version: Option<String>,
    client_sw_type: Option<String>,
}

impl Register {
    /// Sets the version of the client software.
    pub fn client_sw_version(mut self, client_sw_version: impl Into<String>) -> Self {
        self.client_sw_version = Some(client_sw_version.into());
        self
    }

    /// Sets the kind of the client software: `JS`, `android` or `ios`.
    pub fn client_sw_type(mut self, client_sw_type: impl Into<String>) -> Self {
        self.client_sw_type = Some(client_sw_type.into());
        self
    }
}

request!(Register => Registration);

impl CallSpec for Register {
    type Response = Envelope<types::Registration>;
    type Output = Registration;

    fn subject(&self) -> String {
        format!("phone number {:?}", self.phone_number)
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        check::phone_number("phone_number", &self.phone_number)?;
        let plan = check::numbering_plan("country_code", &self.country_code)?;
        let user_phone_number = check::national_number("phone_number", &self.phone_number, plan)?;
        check::given("validation_code", self.validation_code.expose())?;
        check::given("device_native_id", &self.device_native_id)?;
        if let Some(client_sw_version) = &self.client_sw_version {
            check::fits_query("client_sw_version", client_sw_version)?;
        }
        if let Some(client_sw_type) = &self.client_sw_type {
            check::fits_query("client_sw_type", client_sw_type)?;
        }
        let body = types::RegistrationCreate {
            device_native_id: self.device_native_id.clone(),
            user_country_code: self.country_code.clone(),
            user_phone_number,
            validation_code: self.validation_code.clone(),
        };
        let (kind, version) = (self.client_sw_type.as_deref(), self.client_sw_version.as_deref());
        Ok(api.registration_create(kind, version, &body))
    }

    fn read(&self, result: Decoded<Self::Response>) -> Result<Registration> {
        Ok(result.into())
    }
}

/// A user who was just registered, with a device.
///
/// It is serialised without its token: see [`Exposed`](crate::Exposed).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Registration {
    /// The user id: the country's dialling code and the phone number.
    pub user_id: Option<UserId>,
    /// The user id with the domain.
    pub full_user_id: Option<FullUserId>,
    /// The name of the domain.
    pub domain_name: Option<String>,
    /// The access token of the user, for [`Kandy::user_with_token`](crate::Kandy::user_with_token).
    pub access_token: Option<AccessToken<User>>,
    /// The id that the service assigned to the device.
    pub device_id: Option<DeviceId>,
    /// Other fields of the response.
    pub extra: ExtraFields,
}

value! {
    Registration as Registration {
        user_id: user_id,
        full_user_id: full_user_id,
        domain_name: domain_name,
        access_token: user_access_token,
        device_id: device_id,
        extra: extra,
    }
}

from_generated!(Registration as Registration);

/// Builder for [`Domain::configuration`].
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct GetConfiguration {
    call: CallContext,
    api_key: ApiKey<Domain>,
    api_secret: Option<ApiSecret<Domain>>,
}

request!(GetConfiguration => Configuration);

impl CallSpec for GetConfiguration {
    type Response = Envelope<types::DomainConfiguration>;
    type Output = Configuration;

    fn subject(&self) -> String {
        "the domain".to_owned()
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        // This request carries the credentials itself. For all others `auth` checks them when it mints the token.
        auth::check("api_key", &self.api_key)?;
        let none = || Error::argument("api_secret", "this handle has none; use a handle made with the domain's secret");
        let api_secret = self.api_secret.as_ref().ok_or_else(none)?;
        auth::check("api_secret", api_secret)?;
        Ok(api.configuration_get(api_secret.as_ref(), self.api_key.as_ref()))
    }

    fn read(&self, configuration: Decoded<Self::Response>) -> Result<Configuration> {
        Configuration::read(configuration, Origin::Response).map_err(|field| Error::missing(format!("result.{field}")))
    }
}

/// The configuration that a client of a domain reads first.
///
/// It is serialised without its token, which is empty after reading: see [`Exposed`](crate::Exposed).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Configuration {
    /// The name of the domain.
    pub domain_name: Option<String>,
    /// A new access token of the domain.
    pub access_token: AccessToken<Domain>,
    /// The addresses and settings of the call server.
    pub spidr_configuration: Option<SpidrConfiguration>,
    /// Other fields of the response.
    pub extra: ExtraFields,
}

impl Configuration {
    /// Returns a configuration without the optional fields, as a test needs it.
    ///
    /// ```
    /// let mut configuration = kandy::Configuration::new("DAT0");
    /// configuration.domain_name = Some("example.com".to_owned());
    /// assert!(configuration.extra.is_empty());
    /// ```
    pub fn new(access_token: impl Into<AccessToken<Domain>>) -> Self {
        Self {
            domain_name: None,
            access_token: access_token.into(),
            spidr_configuration: None,
            extra: ExtraFields::default(),
        }
    }
}

value! {
    Configuration as DomainConfiguration {
        domain_name: domain_name,
        access_token: domain_access_token,
        spidr_configuration: spidr_configuration,
        extra: extra,
    }
}
