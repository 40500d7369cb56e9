//! [`User`]: the handle of a user, with its access token and its devices. Depends on the pipeline and `auth`; begin
//! reading at [`User`]. Other files add methods to it, such as `profile.rs` and `session/user.rs`.

use kandy_sys::{Call, Client, Envelope, NoResult, Secret, types};

use crate::{
    AccessToken, Device, DeviceId, Error, Result, RevokeAccessToken, auth, check,
    decode::Decoded,
    pipeline::{AuthenticatedClient, CallContext, CallSpec, HandleArc, request},
    value::{Origin, Value as _, value},
};

/// A handle for a user of a domain, who has devices and is a member of groups.
///
/// Returned by [`Domain::user`](crate::Domain::user) or
/// [`Kandy::user_with_password`](crate::Kandy::user_with_password). Cheap to clone; all clones share one
/// access token, which is minted when it is first needed and renewed when it has expired.
///
/// ```
/// # async fn example(domain: kandy::Domain) -> kandy::Result<()> {
/// let russ = domain.user("russ");
/// let phone = russ.create_device("12345678901234").family("iphone").name("iphone6").await?;
/// let device = russ.device(phone.device_id);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct User {
    pub(crate) client: HandleArc<AuthenticatedClient>,
    pub(crate) raw: Client,
}

impl auth::sealed::Sealed for User {}

impl auth::Level for User {
    const LEVEL: kandy_sys::operation::Level = kandy_sys::operation::Level::User;
    const NAME: &'static str = "user";
}

impl User {
    pub(crate) fn new(client: HandleArc<AuthenticatedClient>) -> Self {
        Self { raw: client.raw(), client }
    }

    /// Returns the context of a call of this user, for the builders of other chapters.
    pub(crate) fn call(&self) -> CallContext {
        CallContext::new(&self.client)
    }

    /// Returns the access token: the cached one, or a new one that is minted with the domain's secret or the user's
    /// password.
    ///
    /// Calls fetch it automatically; this is for passing it to another program, such as the user's own client.
    ///
    /// Operation `user_access_token_get`.
    ///
    /// ```
    /// # async fn example(kandy: kandy::Kandy, domain: kandy::Domain) -> kandy::Result<()> {
    /// let token = domain.user("russ").access_token().await?;
    /// let russ = kandy.user_with_token(token);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] when the user id is empty or contains `@`, or a credential is empty or of another
    /// level; [`is_unauthorized`](Error::is_unauthorized) when they are refused;
    /// [`is_not_found`](Error::is_not_found); and [`Error::Transport`].
    ///
    /// # Cancel safety
    ///
    /// Calls that wait for the same new token share the request. It is cancelled with the last of them.
    pub async fn access_token(&self) -> Result<AccessToken<User>> {
        Ok(self.client.access_token().await?.into())
    }

    /// Revokes the cached access token of this handle; without one, nothing is sent. The next call mints a new one.
    ///
    /// This needs the user's password: that of a handle from
    /// [`user_with_password`](crate::Kandy::user_with_password), or one that is
    /// [given](RevokeAccessToken::password).
    ///
    /// Operation `user_access_token_delete`, confidence B.
    ///
    /// ```
    /// # async fn example(kandy: kandy::Kandy) -> kandy::Result<()> {
    /// let russ = kandy.user_with_password("DAK…", "russ", "b0e4c71d674744");
    /// println!("{} devices", russ.devices().await?.len());
    /// russ.revoke_access_token().await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] when there is no password, or the handle was made from a token alone;
    /// [`is_unauthorized`](Error::is_unauthorized) when the password is refused; [`Error::Api`],
    /// [`Error::Transport`].
    pub fn revoke_access_token(&self) -> RevokeAccessToken<User> {
        RevokeAccessToken::new(self.call())
    }

    /// Registers a new device. `native_id` is the hardware id of the device, such as its UDID, IMEI or MAC address.
    ///
    /// Operation `device_create`.
    ///
    /// ```
    /// # async fn example(russ: kandy::User) -> kandy::Result<()> {
    /// let created = russ.create_device("12345678901234").family("iphone").name("iphone6").await?;
    /// let phone = russ.device(created.device_id);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] when the native id is empty; [`Error::Api`], [`Error::Transport`], [`Error::Decode`].
    pub fn create_device(&self, native_id: impl Into<String>) -> CreateDevice {
        CreateDevice {
            call: CallContext::new(&self.client),
            body: types::DeviceCreate {
                device_native_id: native_id.into(),
                device_family: None,
                device_name: None,
                client_sw_version: None,
                device_os_version: None,
            },
        }
    }

    /// Deletes a device.
    ///
    /// Operation `device_delete`.
    ///
    /// ```
    /// # async fn example(russ: kandy::User) -> kandy::Result<()> {
    /// russ.delete_device("A149EBB9A69D4E66B62D26FBDEF440C5").await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] when the id is empty; [`is_not_found`](Error::is_not_found); [`Error::Api`],
    /// [`Error::Transport`].
    pub fn delete_device(&self, device_id: impl Into<DeviceId>) -> DeleteDevice {
        DeleteDevice { call: CallContext::new(&self.client), device_id: device_id.into() }
    }

    /// Lists all devices of the user.
    ///
    /// Operation `device_list`.
    ///
    /// ```
    /// # async fn example(russ: kandy::User) -> kandy::Result<()> {
    /// for device in russ.devices().await? {
    ///     println!("{} {:?}", device.device_id, device.name);
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Api`], [`Error::Transport`], [`Error::Decode`].
    pub fn devices(&self) -> ListDevices {
        ListDevices { call: CallContext::new(&self.client) }
    }

    /// Returns a handle for a device of this user. Sends nothing.
    ///
    /// ```
    /// # async fn example(russ: kandy::User) -> kandy::Result<()> {
    /// let phone = russ.device("A149EBB9A69D4E66B62D26FBDEF440C5");
    /// phone.send_sms("+12245556666", "Hello").await?;
    /// # Ok(()) }
    /// ```
    pub fn device(&self, device_id: impl Into<DeviceId>) -> Device {
        Device::new(self.client.clone(), self.raw.clone(), device_id.into())
    }

    /// Returns the generated client with the access token of this handle, for calls that are not wrapped.
    ///
    /// ```
    /// # async fn example(russ: kandy::User) -> Result<(), Box<dyn std::error::Error>> {
    /// let devices = russ.raw().device_list().await?.into_inner().into_result()?;
    /// # Ok(()) }
    /// ```
    pub fn raw(&self) -> &Client {
        &self.raw
    }
}

impl RevokeAccessToken<User> {
    /// Sets the password of the user, if the handle does not have it.
    ///
    /// ```
    /// # async fn example(domain: kandy::Domain, leaked: &str) -> kandy::Result<()> {
    /// domain.user("russ").revoke_access_token().token(leaked).password("b0e4c71d674744").await?;
    /// # Ok(()) }
    /// ```
    pub fn password(mut self, password: impl Into<Secret>) -> Self {
        self.password = Some(password.into());
        self
    }
}

/// Builder for [`User::create_device`].
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct CreateDevice {
    call: CallContext,
    body: types::DeviceCreate,
}

impl CreateDevice {
    /// Sets the family of the device, such as `iphone`.
    pub fn family(mut self, family: impl Into<String>) -> Self {
        self.body.device_family = Some(family.into());
        self
    }

    /// Sets the name of the device.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.body.device_name = Some(name.into());
        self
    }

    /// Sets the version of the device's operating system.
    pub fn os_version(mut self, os_version: impl Into<String>) -> Self {
        self.body.device_os_version = Some(os_version.into());
        self
    }

    /// Sets the version of the client software. The service removes leading zeros.
    pub fn client_sw_version(mut self, client_sw_version: impl Into<String>) -> Self {
        self.body.client_sw_version = Some(client_sw_version.into());
        self
    }
}

request!(CreateDevice => CreatedDevice);

impl CallSpec for CreateDevice {
    type Response = Envelope<types::DeviceCreated>;
    type Output = CreatedDevice;

    fn subject(&self) -> String {
        format!("device {:?}", self.body.device_native_id)
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        check::given("native_id", &self.body.device_native_id)?;
        Ok(api.device_create(&self.body))
    }

    fn read(&self, created: Decoded<Self::Response>) -> Result<CreatedDevice> {
        CreatedDevice::read(created, Origin::Response).map_err(|field| Error::missing(format!("result.{field}")))
    }
}

/// A device that was just created.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct CreatedDevice {
    /// The id that the service assigned to the device.
    pub device_id: DeviceId,
}

impl CreatedDevice {
    /// Returns a new device, as a test needs it.
    ///
    /// ```
    /// assert_eq!(kandy::CreatedDevice::new("A149").device_id, "A149");
    /// ```
    pub fn new(device_id: impl Into<DeviceId>) -> Self {
        Self { device_id: device_id.into() }
    }
}

value! {
    CreatedDevice as DeviceCreated {
        device_id: device_id,
    }
}

/// Builder for [`User::delete_device`].
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct DeleteDevice {
    call: CallContext,
    device_id: DeviceId,
}

request!(DeleteDevice => ());

impl CallSpec for DeleteDevice {
    type Response = Envelope<NoResult>;
    type Output = ();

    fn subject(&self) -> String {
        format!("device {:?}", self.device_id.as_str())
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        check::fits_query("device_id", self.device_id.as_str())?;
        Ok(api.device_delete(self.device_id.as_str()))
    }

    fn read(&self, _: Decoded<Self::Response>) -> Result<()> {
        Ok(())
    }
}

/// Builder for [`User::devices`].
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct ListDevices {
    call: CallContext,
}

request!(ListDevices => Vec<DeviceDetails>);

impl CallSpec for ListDevices {
    type Response = Envelope<types::DeviceList>;
    type Output = Vec<DeviceDetails>;

    fn subject(&self) -> String {
        "the user".to_owned()
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        Ok(api.device_list())
    }

    fn read(&self, list: Decoded<Self::Response>) -> Result<Vec<DeviceDetails>> {
        let devices = list.devices.into_iter().enumerate();
        devices.map(|(at, device)| DeviceDetails::read_at(at, device)).collect()
    }
}

/// The details of a device.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct DeviceDetails {
    /// The id.
    pub device_id: DeviceId,
    /// The hardware id.
    pub native_id: Option<String>,
    /// The family.
    pub family: Option<String>,
    /// The name.
    pub name: Option<String>,
    /// The version of the operating system.
    pub os_version: Option<String>,
    /// The version of the client software, without the leading zeros that were sent.
    pub client_sw_version: Option<String>,
    /// When the device was created, as `yyyy-mm-ddThh:mm:ss.sss` in an unknown time zone.
    pub registration_timestamp: Option<String>,
}

// The spelling of the live service is before that of the documentation.
value! {
    DeviceDetails as Device {
        device_id: id | device_id,
        native_id: native_id | device_native_id,
        family: family | device_family,
        name: name | device_name,
        os_version: os_version | device_os_version,
        client_sw_version: client_version | client_sw_version,
        registration_timestamp: registration_timestamp,
    }
}

impl DeviceDetails {
    /// Returns the details of a device without the optional ones, as a test needs it.
    ///
    /// ```
    /// let mut phone = kandy::DeviceDetails::new("A149EBB9A69D4E66B62D26FBDEF440C5");
    /// phone.name = Some("iphone6".to_owned());
    /// assert_eq!(phone.device_id, "A149EBB9A69D4E66B62D26FBDEF440C5");
    /// ```
    pub fn new(device_id: impl Into<DeviceId>) -> Self {
        Self {
            device_id: device_id.into(),
            native_id: None,
            family: None,
            name: None,
            os_version: None,
            client_sw_version: None,
            registration_timestamp: None,
        }
    }

    /// Reads an entry of the list.
    fn read_at(at: usize, device: types::Device) -> Result<Self> {
        Self::read(device, Origin::Response).map_err(|field| Error::missing(format!("result.devices[{at}].{field}")))
    }
}
