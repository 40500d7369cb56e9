//! `--device`: finds a device by id, by name, or as the newest one.
//!
//! Depends on the context. Begin with [`Context::device`].

use kandy::{Device, DeviceDetails, User};

use crate::{
    arguments::DeviceArguments,
    context::Context,
    credential::Setting,
    eprint::eprint,
    failure::{Failure, Result},
};

/// The name that stands for the device that was registered last.
pub(crate) const NEWEST: &str = "newest";

/// The maximum number of devices that an error lists.
const MAX_LISTED: usize = 10;

impl Context {
    /// Returns the device in `--device`, the default device, or the only device of the user.
    pub(crate) async fn device(&self, arguments: &DeviceArguments) -> Result<Device> {
        let user = self.user(&arguments.user)?;
        if let Some(device) = &arguments.device {
            return self.named_device(&user, device).await;
        }
        // The default device belongs to the default user.
        let usual = match arguments.user.user {
            None => self.settings().text(Setting::DeviceId)?,
            Some(_) => None,
        };
        if let Some(device) = usual {
            return Ok(user.device(device));
        }
        if self.is_dry_run() {
            eprint(
                "DEVICE_ID is a placeholder: without --dry-run the device of the user is looked up first; select one with --device",
            );
            return Ok(user.device("DEVICE_ID"));
        }
        let devices = user.devices().await?;
        match devices.as_slice() {
            [device] => Ok(user.device(device.device_id.as_str())),
            [] => Err(Failure::usage("The user has no device. Create one with `kandy device create`.")),
            devices => Err(Failure::usage(format!(
                "The user has several devices. Select one with --device: {}",
                list(devices)
            ))),
        }
    }

    /// Returns a device of the user: by id, without a request, by name, or the newest one.
    pub(crate) async fn named_device(&self, user: &User, name: &str) -> Result<Device> {
        if name.is_empty() || is_device_id(name) {
            return Ok(user.device(name));
        }
        if self.is_dry_run() {
            eprint(format_args!(
                "DEVICE_ID is a placeholder: without --dry-run the id of device {name:?} is looked up first"
            ));
            return Ok(user.device("DEVICE_ID"));
        }
        let devices = user.devices().await?;
        let id = choose(&devices, name)?.device_id.clone();
        if id.as_str() != name {
            self.output.status(format_args!("device {name:?} is {}", id.as_str()));
        }
        Ok(user.device(id))
    }
}

/// Returns whether a text has the form of a device id: 32 hexadecimal digits, which hyphens may separate.
pub(crate) fn is_device_id(text: &str) -> bool {
    let digits = text.bytes().filter(|byte| *byte != b'-');
    digits.clone().count() == 32 && digits.into_iter().all(|digit| digit.is_ascii_hexdigit())
}

/// Chooses a device: by id, as the newest one, by name, and by name without case.
fn choose<'a>(devices: &'a [DeviceDetails], name: &str) -> Result<&'a DeviceDetails> {
    if let Some(device) = devices.iter().find(|device| device.device_id.as_str() == name) {
        return Ok(device);
    }
    if name == NEWEST {
        return newest(devices);
    }
    let named = |is_same: &dyn Fn(&str) -> bool| -> Vec<_> {
        devices.iter().filter(|device| device.name.as_deref().is_some_and(is_same)).collect()
    };
    let exact = named(&|own| own == name);
    let found = if exact.is_empty() { named(&|own| own.to_lowercase() == name.to_lowercase()) } else { exact };
    match found.as_slice() {
        [device] => Ok(device),
        [] if devices.is_empty() => Err(Failure::NotFound(format!(
            "The user has no device {name:?}, nor any other. Create one with `kandy device create`."
        ))),
        [] => Err(Failure::NotFound(format!("The user has no device {name:?}. Its devices: {}", list(devices)))),
        several => Err(Failure::usage(format!(
            "The user has several devices {name:?}. Select one with its id: {}",
            list(several.iter().copied())
        ))),
    }
}

/// Returns the device that was registered last; of two at the same time, the one that the service lists last. The times
/// have one format, so their order is that of the texts.
fn newest(devices: &[DeviceDetails]) -> Result<&DeviceDetails> {
    let dated = devices.iter().filter(|device| device.registration_timestamp.is_some());
    dated.max_by_key(|device| device.registration_timestamp.as_deref()).ok_or_else(|| match devices {
        [] => Failure::usage("The user has no device. Create one with `kandy device create`."),
        devices => Failure::NotFound(format!(
            "The service did not return when the devices were registered. Select one with its name or id: {}",
            list(devices)
        )),
    })
}

/// Lists devices for a message: their names and ids.
pub(crate) fn list<'a>(devices: impl IntoIterator<Item = &'a DeviceDetails>) -> String {
    let mut devices = devices.into_iter();
    let listed = devices.by_ref().take(MAX_LISTED).map(|device| match device.name.as_deref() {
        Some(name) if !name.is_empty() => format!("{name:?} ({})", device.device_id.as_str()),
        _ => device.device_id.as_str().to_owned(),
    });
    let listed = listed.collect::<Vec<_>>().join(", ");
    let more = if devices.next().is_some() { " and more, see `kandy device list`" } else { "" };
    format!("{listed}{more}")
}
