//! What a client of a user needs to know before it begins: who the user is, and where the servers are.

use kandy_sys::{Client, ExtraFields, RolloverGroupPolicy};

use crate::{
    FullUserId, Result, SpidrConfiguration, User, UserId, check,
    error::{Error, result_of},
    pipeline::{Call, Request, request},
};

impl User {
    /// Who the user is: the names and the mail address, and no credentials.
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
    /// [`Error::Api`], [`Error::Transport`]; [`Error::Decode`] when the answer has no user.
    pub fn limited_details(&self) -> GetLimitedUserDetails {
        GetLimitedUserDetails { call: self.call() }
    }

    /// Where the WebSocket is that tells a client what happens. This crate does not open it.
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

    /// How to reach SPiDR, the call server.
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
    /// [`Error::Api`], [`Error::Transport`]; [`Error::Decode`] when the answer has no configuration.
    pub fn spidr_configuration(&self) -> GetUserSpidrConfiguration {
        GetUserSpidrConfiguration { call: self.call(), secure: None }
    }

    /// Who takes the calls of a rollover group, also called a hunt group, and in which order.
    ///
    /// Operation `rollover_group_get`, confidence C: seen in two versions of one client, which left it out later.
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
    /// [`Error::Transport`]; [`Error::Decode`] when the answer has no group.
    pub fn rollover_group(&self, group_name: impl Into<String>) -> GetRolloverGroup {
        GetRolloverGroup { call: self.call(), group_name: group_name.into() }
    }

    /// Which billing packages the user has, and what is left of them.
    ///
    /// What it answers is not known; whatever comes is in [`extra`](BillingStatus::extra).
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

/// [`User::limited_details`], in the making.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct GetLimitedUserDetails {
    call: Call,
}

request!(GetLimitedUserDetails => LimitedUserDetails);

impl Request for GetLimitedUserDetails {
    type Output = LimitedUserDetails;

    fn subject(&self) -> String {
        "the user".to_owned()
    }

    async fn run(&self, client: &Client) -> Result<LimitedUserDetails> {
        let details = result_of("user_limited_get", client.user_limited_get().await)?;
        let user = details.user.ok_or_else(|| Error::missing("user_limited_get", "result.user"))?;
        Ok(LimitedUserDetails {
            user_id: user.user_id.map(|user_id| String::from(user_id).into()),
            full_user_id: user.full_user_id.map(Into::into),
            domain_name: user.domain_name,
            first_name: user.user_first_name,
            last_name: user.user_last_name,
            email: user.user_email,
            extra: user.extra,
        })
    }
}

/// Who a user is.
#[derive(Clone, Debug)]
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
    /// What else came.
    pub extra: ExtraFields,
}

/// [`User::data_channel_configuration`], in the making.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct GetDataChannelConfiguration {
    call: Call,
}

request!(GetDataChannelConfiguration => DataChannelConfiguration);

impl Request for GetDataChannelConfiguration {
    type Output = DataChannelConfiguration;

    fn subject(&self) -> String {
        "the user".to_owned()
    }

    async fn run(&self, client: &Client) -> Result<DataChannelConfiguration> {
        let answer = client.data_channel_configuration_get().await;
        let channel = result_of("data_channel_configuration_get", answer)?;
        Ok(DataChannelConfiguration {
            host: channel.data_server_host,
            port: channel.data_server_port.and_then(|port| port.as_i64()),
            is_secure: channel.is_secure,
            extra: channel.extra,
        })
    }
}

/// Where the WebSocket is that tells a client what happens.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DataChannelConfiguration {
    /// Host name of the server, alone or as an `http` or `https` URL, of which only the host name counts.
    pub host: Option<String>,
    /// Port of the server.
    pub port: Option<i64>,
    /// Whether the WebSocket is a secure one.
    pub is_secure: Option<bool>,
    /// What else came.
    pub extra: ExtraFields,
}

/// [`User::spidr_configuration`], in the making.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct GetUserSpidrConfiguration {
    call: Call,
    secure: Option<bool>,
}

impl GetUserSpidrConfiguration {
    /// Whether to answer the secure addresses. Newer clients ask for them.
    pub fn secure(mut self, secure: bool) -> Self {
        self.secure = Some(secure);
        self
    }
}

request!(GetUserSpidrConfiguration => SpidrConfiguration);

impl Request for GetUserSpidrConfiguration {
    type Output = SpidrConfiguration;

    fn subject(&self) -> String {
        "the user".to_owned()
    }

    async fn run(&self, client: &Client) -> Result<SpidrConfiguration> {
        let answer = client.user_spidr_configuration_get(self.secure).await;
        let operation = "user_spidr_configuration_get";
        SpidrConfiguration::read(operation, result_of(operation, answer)?)
    }
}

/// [`User::rollover_group`], in the making.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct GetRolloverGroup {
    call: Call,
    group_name: String,
}

request!(GetRolloverGroup => RolloverGroup);

impl Request for GetRolloverGroup {
    type Output = RolloverGroup;

    fn subject(&self) -> String {
        format!("rollover group {:?}", self.group_name)
    }

    async fn run(&self, client: &Client) -> Result<RolloverGroup> {
        check::fits_query("group_name", &self.group_name)?;
        let details = result_of("rollover_group_get", client.rollover_group_get(&self.group_name).await)?;
        let group = details.group.ok_or_else(|| Error::missing("rollover_group_get", "result.group"))?;
        let agents = group.agents.unwrap_or_default().into_iter();
        Ok(RolloverGroup {
            policy: group.group_policy,
            agents: agents.map(|agent| String::from(agent).into()).collect(),
            extra: group.extra,
        })
    }
}

/// Who takes the calls of a rollover group.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RolloverGroup {
    /// In which order the users are called.
    pub policy: Option<RolloverGroupPolicy>,
    /// The users who take the calls, very likely by user id and domain: the form of an entry is not certain.
    pub agents: Vec<FullUserId>,
    /// What else came.
    pub extra: ExtraFields,
}

/// [`User::billing_status`], in the making.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct GetBillingStatus {
    call: Call,
}

request!(GetBillingStatus => BillingStatus);

impl Request for GetBillingStatus {
    type Output = BillingStatus;

    fn subject(&self) -> String {
        "the user".to_owned()
    }

    async fn run(&self, client: &Client) -> Result<BillingStatus> {
        let status = result_of("billing_status_get", client.billing_status_get().await)?;
        Ok(BillingStatus { extra: status.into() })
    }
}

/// Which billing packages a user has.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct BillingStatus {
    /// All that came.
    pub extra: ExtraFields,
}
