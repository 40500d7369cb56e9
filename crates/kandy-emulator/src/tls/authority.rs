//! The certificate authority: its key, its certificate, and the certificates that it issues.
//!
//! Depends on `name` and `error`. Begin with [`Authority::generate`].

use std::{
    fmt,
    path::Path,
    sync::Arc,
    time::{Duration, SystemTime},
};

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, NameConstraints,
};
use tokio_rustls::rustls::{
    RootCertStore,
    client::{WebPkiServerVerifier, danger::ServerCertVerifier},
    crypto::CryptoProvider,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, UnixTime, pem::PemObject},
};

use super::{error::TlsError, name::Name};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How long an authority is valid, in years of 365 days.
const AUTHORITY_AGE: Duration = DAY.saturating_mul(10 * 365);

/// How long a certificate is valid: Apple's platforms refuse more than 398 days.
const CERTIFICATE_AGE: Duration = DAY.saturating_mul(396);

/// A certificate authority. It may certify certain names only (name constraints), so that a stolen key is of no use
/// against other hosts.
pub(super) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: CertificateDer<'static>,
    /// The certificate as PEM.
    pub(super) pem: String,
}

/// A certificate for a server, with its private key.
pub(super) struct Issued {
    pub(super) certificate: CertificateDer<'static>,
    pub(super) key: PrivateKeyDer<'static>,
}

impl Authority {
    /// Makes an authority that may certify the names that all may, and these.
    pub(super) fn generate(names: &[Name]) -> Result<Self, TlsError> {
        let key = KeyPair::generate().map_err(TlsError::library)?;
        let mut parameters = parameters(&key);
        let mut permitted = Name::always_permitted();
        for subtree in names.iter().map(Name::subtree) {
            if !permitted.contains(&subtree) {
                permitted.push(subtree);
            }
        }
        parameters.name_constraints =
            Some(NameConstraints { permitted_subtrees: permitted, excluded_subtrees: Vec::new() });
        // A day back: the clocks of containers and virtual machines may be behind.
        let now = SystemTime::now();
        (parameters.not_before, parameters.not_after) = ((now - DAY).into(), (now + AUTHORITY_AGE).into());
        let made = parameters.self_signed(&key).map_err(TlsError::library)?;
        Ok(Self { pem: made.pem(), certificate: made.der().clone(), issuer: Issuer::new(parameters, key) })
    }

    /// Reads an authority of [`generate`](Self::generate). Fails with the reason; that certificate and key belong
    /// together shows when it issues.
    pub(super) fn from_pem(certificate: &str, key: &str) -> Result<Self, &'static str> {
        let der = CertificateDer::from_pem_slice(certificate.as_bytes()).map_err(|_| "cert.pem is no certificate")?;
        // Without the error of the parser: the file may be anything, and is a key in all likelihood.
        let key = KeyPair::from_pem(key).map_err(|_| "key.pem is no private key")?;
        Ok(Self { pem: certificate.to_owned(), certificate: der, issuer: Issuer::new(parameters(&key), key) })
    }

    /// The private key as PEM.
    pub(super) fn key_pem(&self) -> String {
        self.issuer.key().serialize_pem()
    }

    /// Issues a certificate for a server with these names, and checks it as clients do.
    ///
    /// `directory` is that of the authority, for the error.
    pub(super) fn issue(
        &self,
        names: &[Name],
        directory: Option<&Path>,
        provider: &Arc<CryptoProvider>,
    ) -> Result<Issued, TlsError> {
        let issued = self.sign(names)?;
        if self.accepts(&issued, names, provider).is_ok() {
            return Ok(issued);
        }
        let certifies = |name: &Name| {
            let names = std::slice::from_ref(name);
            self.accepts(&self.sign(names)?, names, provider)
        };
        // An authority in good order certifies `localhost`, whatever other names it was made for.
        if let (Err(error), Some(directory)) = (certifies(&Name::Dns("localhost".to_owned())), directory) {
            return Err(TlsError::damaged(directory, format!("cert.pem and key.pem do not belong together ({error})")));
        }
        let refused = names.iter().filter(|name| certifies(name).is_err()).map(ToString::to_string).collect();
        Err(TlsError::not_permitted(directory, refused))
    }

    fn sign(&self, names: &[Name]) -> Result<Issued, TlsError> {
        let key = KeyPair::generate().map_err(TlsError::library)?;
        let mut parameters = CertificateParams::default();
        parameters.distinguished_name = DistinguishedName::new();
        // Without a host name: clients compare the alternative names alone, and old ones would constrain this one, too.
        parameters.distinguished_name.push(DnType::CommonName, "Kandy emulator");
        parameters.subject_alt_names =
            names.iter().map(Name::subject_alt_name).collect::<Result<_, _>>().map_err(TlsError::library)?;
        parameters.is_ca = IsCa::ExplicitNoCa;
        parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        parameters.use_authority_key_identifier_extension = true;
        let now = SystemTime::now();
        (parameters.not_before, parameters.not_after) = ((now - DAY).into(), (now + CERTIFICATE_AGE).into());
        let certificate = parameters.signed_by(&key, &self.issuer).map_err(TlsError::library)?;
        let key = PrivatePkcs8KeyDer::from(key.serialize_der());
        Ok(Issued { certificate: certificate.der().clone(), key: key.into() })
    }

    /// Verifies a certificate for each name, with this authority as the only root.
    fn accepts(&self, issued: &Issued, names: &[Name], provider: &Arc<CryptoProvider>) -> Result<(), TlsError> {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.clone()).map_err(TlsError::library)?;
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider));
        let verifier = verifier.build().map_err(TlsError::library)?;
        for name in names {
            verifier
                .verify_server_cert(&issued.certificate, &[], &name.server_name()?, &[], UnixTime::now())
                .map_err(TlsError::library)?;
        }
        Ok(())
    }

    /// When the authority expires; none if its certificate cannot be read.
    pub(super) fn expires_at(&self) -> Option<SystemTime> {
        // The certificate contains first what is signed: version, serial number, algorithm, issuer, validity, and more
        // (RFC 5280, section 4.1).
        let validity = yasna::parse_der(&self.certificate, |reader| {
            reader.read_sequence(|certificate| {
                let signed = certificate.next().read_sequence(|signed| {
                    for _version_serial_number_algorithm_issuer in 0..4 {
                        signed.next().read_der()?;
                    }
                    let validity = signed.next().read_der()?;
                    while signed.read_optional(|rest| rest.read_der())?.is_some() {}
                    Ok(validity)
                })?;
                for _algorithm_signature in 0..2 {
                    certificate.next().read_der()?;
                }
                Ok(signed)
            })
        });
        let expires = yasna::parse_der(&validity.ok()?, |reader| {
            reader.read_sequence(|validity| {
                validity.next().read_der()?;
                // The form of dates until 2049; one of an authority is ten years ahead.
                match validity.read_optional(|time| time.read_utctime())? {
                    Some(time) => Ok((*time.datetime()).into()),
                    None => Ok((*validity.next().read_generalized_time()?.datetime()).into()),
                }
            })
        });
        expires.ok()
    }
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authority").finish_non_exhaustive()
    }
}

/// What follows from the key, so that a key alone suffices to issue in the name of its certificate.
fn parameters(key: &KeyPair) -> CertificateParams {
    let mut parameters = CertificateParams::default();
    // Different for each authority, because some stores of certificates confuse two of the same name.
    let id: String = parameters.key_identifier(key).iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    parameters.distinguished_name = DistinguishedName::new();
    parameters.distinguished_name.push(DnType::CommonName, format!("Kandy emulator CA {id}"));
    parameters.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    parameters
}
