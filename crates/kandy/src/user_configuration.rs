//! The configuration that a user's client reads at login: its user, the servers, the rollover groups and the billing
//! status. Depends on the pipeline; begin reading at [`User::limited_details`].

use kandy_sys::{Call, Client, Envelope, ExtraFields, RolloverGroupPolicy, types};

use crate::{
    FullUserId, Result, SpidrConfiguration, User, UserId, check,
    decode::Decoded,
    error::Error,
    pipeline::{CallContext, CallSpec, request},
    value::{from_generated, value},
};

impl User {
    /// Returns the names and the mail address of the user, without credentials.
    ///
    /// Operation `user_limited_get`, confidence C: seen in one client, which makes this call on every login.
    ///
    /// ```
    /// # async fn example(russ: kandy::User) -> kandy::Result<()> {
    /// println!("{:?}", russ.limited_details().await?.full_user_id);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Api`], [`Error::Transport`]; [`Error::Decode`] when the response has no user.
    pub fn limited_details(&self) -> GetLimitedUserDetails {
        GetLimitedUserDetails { call: self.call() }
    }

    /// Returns the address of the data channel: the WebSocket on which the service notifies clients. With the feature
    /// `push`, [`User::channel`](crate::User) opens it.
    ///
    /// Operation `data_channel_configuration_get`, confidence C: seen in one client.
    ///
    /// ```
    /// # async fn example(russ: kandy::User) -> kandy::Result<()> {
    /// let channel = russ.data_channel_configuration().await?;
    /// println!("{:?}:{:?}", channel.host, channel.port);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Api`], [`Error::Transport`], [`Error::Decode`].
    pub fn data_channel_configuration(&self) -> GetDataChannelConfiguration {
        GetDataChannelConfiguration { call: self.call() }
    }

    /// Returns the addresses and settings of SPiDR, the call server.
    ///
    /// Operation `user_spidr_configuration_get`, confidence B.
    ///
    /// ```
    /// # async fn example(russ: kandy::User) -> kandy::Result<()> {
    /// let spidr = russ.spidr_configuration().secure(true).await?;
    /// println!("{:?}:{:?}", spidr.rest_server_address, spidr.rest_server_port);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Api`], [`Error::Transport`]; [`Error::Decode`] when the response has no configuration.
    pub fn spidr_configuration(&self) -> GetUserSpidrConfiguration {
        GetUserSpidrConfiguration { call: self.call(), secure: None }
    }

    /// Returns the agents of a rollover group, also called a hunt group, and the order in which they are called.
    ///
    /// Operation `rollover_group_get`, confidence C: seen in two versions of one client, which removed it later.
    ///
    /// ```
    /// # async fn example(russ: kandy::User) -> kandy::Result<()> {
    /// for agent in russ.rollover_group("support").await?.agents {
    ///     println!("{agent}");
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] when the name is empty; [`is_not_found`](Error::is_not_found); [`Error::Api`],
    /// [`Error::Transport`]; [`Error::Decode`] when the response has no group.
    pub fn rollover_group(&self, group_name: impl Into<String>) -> GetRolloverGroup {
        GetRolloverGroup { call: self.call(), group_name: group_name.into() }
    }

    /// Returns the billing packages of the user, and what remains of them.
    ///
    /// The fields of the response are not known; all of them are in [`extra`](BillingStatus::extra).
    ///
    /// Operation `billing_status_get`, confidence C: seen in one client.
    ///
    /// ```
    /// # async fn example(russ: kandy::User) -> kandy::Result<()> {
    /// for (name, value) in russ.billing_status().await?.extra {
    ///     println!("{name}: {value}");
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Api`], [`Error::Transport`], [`Error::Decode`].
    pub fn billing_status(&self) -> GetBillingStatus {
        GetBillingStatus { call: self.call() }
    }
}

/// Builder for [`User::limited_details`].
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct GetLimitedUserDetails {
    call: CallContext,
}

request!(GetLimitedUserDetails => LimitedUserDetails);

impl CallSpec for GetLimitedUserDetails {
    type Response = Envelope<types::UserLimitedDetails>;
    type Output = LimitedUserDetails;

    fn subject(&self) -> String {
        "the user".to_owned()
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        Ok(api.user_limited_get())
    }

    fn read(&self, details: Decoded<Self::Response>) -> Result<LimitedUserDetails> {
        let user = details.user.ok_or_else(|| Error::missing("result.user"))?;
        Ok(user.into())
    }
}

/// The names and the mail address of a user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LimitedUserDetails {
    /// The user id.
    pub user_id: Option<UserId>,
    /// The user id with the domain.
    pub full_user_id: Option<FullUserId>,
    /// Name of the domain.
    pub domain_name: Option<String>,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// Mail address.
    pub email: Option<String>,
    /// Other fields of the response.
    pub extra: ExtraFields,
}

value! {
    LimitedUserDetails as UserLimited {
        user_id: user_id,
        full_user_id: full_user_id,
        domain_name: domain_name,
        first_name: user_first_name,
        last_name: user_last_name,
        email: user_email,
        extra: extra,
    }
}

from_generated!(LimitedUserDetails as UserLimited);

/// Builder for [`User::data_channel_configuration`].
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct GetDataChannelConfiguration {
    call: CallContext,
}

request!(GetDataChannelConfiguration => DataChannelConfiguration);

impl CallSpec for GetDataChannelConfiguration {
    type Response = Envelope<types::DataChannelConfiguration>;
    type Output = DataChannelConfiguration;

    fn subject(&self) -> String {
        "the user".to_owned()
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        Ok(api.data_channel_configuration_get())
    }

    fn read(&self, channel: Decoded<Self::Response>) -> Result<DataChannelConfiguration> {
        Ok(channel.into())
    }
}

/// The address of the data channel: the WebSocket on which the service notifies clients.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DataChannelConfiguration {
    /// Host name of the server, alone or as an `http` or `https` URL, of which only the host name is used.
    pub host: Option<String>,
    /// Port of the server.
    pub port: Option<i64>,
    /// Whether the WebSocket is secure (`wss`).
    pub is_secure: Option<bool>,
    /// Other fields of the response.
    pub extra: ExtraFields,
}

value! {
    DataChannelConfiguration as DataChannelConfiguration {
        host: data_server_host,
        port: data_server_port,
        is_secure: is_secure,
        extra: extra,
    }
}

from_generated!(DataChannelConfiguration as DataChannelConfiguration);

/// Builder for [`User::spidr_configuration`].
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct GetUserSpidrConfiguration {
    call: CallContext,
    secure: Option<bool>,
}

impl GetUserSpidrConfiguration {
    /// Sets whether to request the secure addresses. Newer clients do.
    pub fn secure(mut self, secure: bool) -> Self {
        self.secure = Some(secure);
        self
    }
}

request!(GetUserSpidrConfiguration => SpidrConfiguration);

impl CallSpec for GetUserSpidrConfiguration {
    type Response = Envelope<types::SpidrConfigurationDetails>;
    type Output = SpidrConfiguration;

    fn subject(&self) -> String {
        "the user".to_owned()
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        Ok(api.user_spidr_configuration_get(self.secure))
    }

    fn read(&self, details: Decoded<Self::Response>) -> Result<SpidrConfiguration> {
        SpidrConfiguration::read(details)
    }
}

/// Builder for [`User::rollover_group`].
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct GetRolloverGroup {
    call: CallContext,
    group_name: String,
}

request!(GetRolloverGroup => RolloverGroup);

impl CallSpec for GetRolloverGroup {
    type Response = Envelope<types::RolloverGroupDetails>;
    type Output = RolloverGroup;

    fn subject(&self) -> String {
        format!("rollover group {:?}", self.group_name)
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        check::fits_query("group_name", &self.group_name)?;
        Ok(api.rollover_group_get(&self.group_name))
    }

    fn read(&self, details: Decoded<Self::Response>) -> Result<RolloverGroup> {
        let group = details.group.ok_or_else(|| Error::missing("result.group"))?;
        Ok(group.into())
    }
}

/// The agents of a rollover group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RolloverGroup {
    /// The order in which the agents are called.
    pub policy: Option<RolloverGroupPolicy>,
    /// The users who take the calls, very likely by user id and domain. The form of an entry is not certain.
    pub agents: Vec<FullUserId>,
    /// Other fields of the response.
    pub extra: ExtraFields,
}

value! {
    RolloverGroup as RolloverGroup {
        policy: group_policy,
        agents: agents,
        extra: extra,
    }
}

from_generated!(RolloverGroup as RolloverGroup);

/// Builder for [`User::billing_status`].
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct GetBillingStatus {
    call: CallContext,
}

request!(GetBillingStatus => BillingStatus);

impl CallSpec for GetBillingStatus {
    type Response = Envelope<types::BillingStatus>;
    type Output = BillingStatus;

    fn subject(&self) -> String {
        "the user".to_owned()
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        Ok(api.billing_status_get())
    }

    fn read(&self, status: Decoded<Self::Response>) -> Result<BillingStatus> {
        Ok(status.into())
    }
}

/// The billing packages of a user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct BillingStatus {
    /// All fields of the response.
    pub extra: ExtraFields,
}

value!(BillingStatus as BillingStatus);

from_generated!(BillingStatus as BillingStatus);
