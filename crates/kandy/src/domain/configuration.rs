//! Lookups of a domain: limited details, country codes and the call server. Depends on `check`, `spidr` and `pipeline`.

use kandy_sys::{Call, Client, Envelope, ExtraFields, types};

use super::Domain;
use crate::{
    Result, SpidrConfiguration, check,
    decode::Decoded,
    pipeline::{CallContext, CallSpec, request},
    value::{from_generated, value},
};

impl Domain {
    /// Returns limited details of the domain, for clients that have only its access token.
    ///
    /// The form of the response is not known; all its fields are in [`extra`](LimitedDomainDetails::extra).
    ///
    /// Operation `domain_limited_get`, confidence C: seen in one client, which left it out later.
    ///
    /// ```
    /// # async fn example(domain: kandy::Domain) -> kandy::Result<()> {
    /// for (name, value) in domain.limited_details().await?.extra {
    ///     println!("{name}: {value}");
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Api`](crate::Error::Api), [`Error::Transport`](crate::Error::Transport),
    /// [`Error::Decode`](crate::Error::Decode).
    pub fn limited_details(&self) -> GetLimitedDomainDetails {
        GetLimitedDomainDetails { call: CallContext::new(&self.client) }
    }

    /// Looks up a country code: that of [`mcc`](GetCountryCode::mcc) or, without it, presumably that of the country in
    /// which the client is.
    ///
    /// The form of the response is not known; all its fields are in [`extra`](CountryCode::extra).
    ///
    /// Operation `country_code_get`, confidence B.
    ///
    /// ```
    /// # async fn example(domain: kandy::Domain) -> kandy::Result<()> {
    /// for (name, value) in domain.country_codes().mcc("310").await?.extra {
    ///     println!("{name}: {value}");
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`](crate::Error::Argument) when the mobile country code is empty;
    /// [`is_not_found`](crate::Error::is_not_found); [`Error::Api`](crate::Error::Api),
    /// [`Error::Transport`](crate::Error::Transport), [`Error::Decode`](crate::Error::Decode).
    pub fn country_codes(&self) -> GetCountryCode {
        GetCountryCode { call: CallContext::new(&self.client), mcc: None }
    }

    /// Returns the addresses of SPiDR, the call server, for anonymous calls.
    ///
    /// Operation `domain_spidr_configuration_get`, confidence C: seen in one client. The form of the response is
    /// assumed to be that of the operation for users.
    ///
    /// ```
    /// # async fn example(domain: kandy::Domain) -> kandy::Result<()> {
    /// let spidr = domain.spidr_configuration().await?;
    /// println!("{:?}:{:?}", spidr.rest_server_address, spidr.rest_server_port);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Api`](crate::Error::Api), [`Error::Transport`](crate::Error::Transport),
    /// [`Error::Decode`](crate::Error::Decode).
    pub fn spidr_configuration(&self) -> GetDomainSpidrConfiguration {
        GetDomainSpidrConfiguration { call: CallContext::new(&self.client) }
    }
}

/// Builder for [`Domain::limited_details`].
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct GetLimitedDomainDetails {
    call: CallContext,
}

request!(GetLimitedDomainDetails => LimitedDomainDetails);

impl CallSpec for GetLimitedDomainDetails {
    type Response = Envelope<types::DomainLimitedDetails>;
    type Output = LimitedDomainDetails;

    fn subject(&self) -> String {
        "the domain".to_owned()
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        Ok(api.domain_limited_get())
    }

    fn read(&self, details: Decoded<Self::Response>) -> Result<LimitedDomainDetails> {
        Ok(details.into())
    }
}

/// Limited details of a domain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LimitedDomainDetails {
    /// All fields of the response.
    pub extra: ExtraFields,
}

value!(LimitedDomainDetails as DomainLimitedDetails);

from_generated!(LimitedDomainDetails as DomainLimitedDetails);

/// Builder for [`Domain::country_codes`].
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct GetCountryCode {
    call: CallContext,
    mcc: Option<String>,
}

impl GetCountryCode {
    /// Sets the mobile country code: three digits of ITU-T E.212, such as `310`.
    pub fn mcc(mut self, mcc: impl Into<String>) -> Self {
        self.mcc = Some(mcc.into());
        self
    }
}

request!(GetCountryCode => CountryCode);

impl CallSpec for GetCountryCode {
    type Response = Envelope<types::CountryCode>;
    type Output = CountryCode;

    fn subject(&self) -> String {
        match &self.mcc {
            Some(mcc) => format!("mobile country code {mcc:?}"),
            None => "the country of the client".to_owned(),
        }
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        if let Some(mcc) = &self.mcc {
            check::fits_query("mcc", mcc)?;
        }
        Ok(api.country_code_get(self.mcc.as_deref()))
    }

    fn read(&self, country_code: Decoded<Self::Response>) -> Result<CountryCode> {
        Ok(country_code.into())
    }
}

/// A country code that was looked up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CountryCode {
    /// All fields of the response.
    pub extra: ExtraFields,
}

value!(CountryCode as CountryCode);

from_generated!(CountryCode as CountryCode);

/// Builder for [`Domain::spidr_configuration`].
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct GetDomainSpidrConfiguration {
    call: CallContext,
}

request!(GetDomainSpidrConfiguration => SpidrConfiguration);

impl CallSpec for GetDomainSpidrConfiguration {
    type Response = Envelope<types::SpidrConfigurationDetails>;
    type Output = SpidrConfiguration;

    fn subject(&self) -> String {
        "the domain".to_owned()
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        Ok(api.domain_spidr_configuration_get())
    }

    fn read(&self, details: Decoded<Self::Response>) -> Result<SpidrConfiguration> {
        SpidrConfiguration::read(details)
    }
}
