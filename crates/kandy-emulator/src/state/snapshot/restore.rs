//! Puts the objects of records into a state, and checks what they refer to.
//!
//! Depends on `record` and the collections. Begin with `Loader::restore`.

use std::{borrow::Cow, collections::BTreeSet, collections::VecDeque, sync::Arc};

use base64::{Engine, prelude::BASE64_STANDARD};
use kandy_sys::{NumberingPlan, SmsLength};

use super::{
    error::SnapshotError,
    loader::{Current, Loader},
    record::{self, Record},
};
use crate::{
    limits,
    state::{
        Content, Conversation, Device, DeviceDetails, Domain, DomainNo, Entry, NewUser, PhoneNumber, Profile, SentSms,
        TokenOwner, User, UserNo,
        device::{DeviceNo, Inbox, uuid_of},
        personal_contact::Book,
        token::Token,
        verification::Code,
    },
};

pub(super) fn owned(text: Cow<'_, str>) -> Box<str> {
    text.into_owned().into_boxed_str()
}

pub(super) fn option(text: Option<Cow<'_, str>>) -> Option<Box<str>> {
    text.map(owned)
}

/// A number that was given already.
pub(super) const TWICE: &str = "the object is there twice";

impl Loader {
    /// Puts the object of a record into the state.
    pub(super) fn restore(&mut self, record: Record<'_>) -> Result<(), SnapshotError> {
        let is_part = matches!(
            record,
            Record::Message(_) | Record::Contacts(_) | Record::Pending(_) | Record::Part(_) | Record::Entry(_)
        );
        if !is_part {
            self.complete()?;
        }
        let restored = match record {
            // Read by the loader.
            Record::KandyEmulatorSnapshot(_) | Record::End(_) => Ok(()),
            Record::Domain(domain) => self.domain(domain),
            Record::User(user) => self.user(user),
            Record::Device(device) => self.device(device),
            Record::Contacts(contacts) => match &self.current {
                Current::Device(user, no) => {
                    if let Some(device) = self.state.devices.by_user.get_mut(&(*user, *no)) {
                        device.add_contacts(contacts.into_owned());
                    }
                    Ok(())
                }
                _ => Err("contacts follow their device"),
            },
            Record::Message(message) => {
                self.messages.push(Arc::new(message.into_owned()));
                Ok(())
            }
            Record::Pending(pending) => self.pending(&pending),
            Record::Group(group) => self.group(group),
            Record::Content(content) => self.content(content),
            Record::Part(part) => self.part(&part),
            Record::Session(session) => self.session(session),
            Record::HuntGroup(group) => self.hunt_group(group),
            Record::Verification(verification) => self.verification(verification),
            Record::Conversation(conversation) => self.conversation(conversation),
            Record::Entry(entry) => self.entry(&entry),
            Record::PersonalContact(contact) => self.personal_contact(contact),
            Record::Token(token) => self.token(&token),
            Record::Sms(sms) => self.sms(sms),
        };
        restored.map_err(|reason| self.refuse(reason))
    }

    /// Ends the object before, whose parts must all be there.
    pub(super) fn complete(&mut self) -> Result<(), SnapshotError> {
        if let Current::Content { domain, id, content, bytes, length } = std::mem::take(&mut self.current) {
            if u64::try_from(bytes.len()).ok() != Some(length) {
                return Err(self.refuse("bytes of the file before it are missing"));
            }
            self.state.contents.store(domain, id, Content { bytes: bytes.into(), ..content });
        }
        Ok(())
    }

    pub(super) fn known_domain(&self, no: u32) -> Result<DomainNo, &'static str> {
        let no = DomainNo(no);
        self.state.domains.by_no.contains_key(&no).then_some(no).ok_or("its domain is not in the snapshot")
    }

    pub(super) fn known_user(&self, no: u32) -> Result<UserNo, &'static str> {
        let no = UserNo(no);
        self.state.users.by_no.contains_key(no).then_some(no).ok_or("its user is not in the snapshot")
    }

    fn domain(&mut self, domain: record::Domain<'_>) -> Result<(), &'static str> {
        let record::Domain { no, name, project_name, created, key, secret, anonymous } = domain;
        let (no, name, project_name) = (DomainNo(no), owned(name), option(project_name));
        let domains = &mut self.state.domains;
        if no.0 >= domains.next {
            return Err("its number is not below next_domain of the first line");
        }
        if domains.by_no.contains_key(&no) || domains.has_key(key) || domains.by_name(&name).is_some() {
            return Err(TWICE);
        }
        domains.by_key.insert(key, no);
        domains.by_name.insert(&*name, no);
        let users = BTreeSet::new();
        domains.by_no.insert(no, Domain { name, project_name, created, key, secret, users, anonymous });
        Ok(())
    }

    fn user(&mut self, user: record::User<'_>) -> Result<(), &'static str> {
        let record::User {
            no,
            domain,
            user_id,
            password,
            phone_number,
            dialling_code,
            first_name,
            last_name,
            email,
            key,
            secret,
            last_seen,
            profile,
        } = user;
        let (no, domain) = (UserNo(no), self.known_domain(domain)?);
        let users = &mut self.state.users;
        if no.0 >= users.next {
            return Err("its number is not below next_user of the first line");
        }
        let is_known = users.by_no.contains_key(no) || users.has_key(key);
        if is_known || users.by_name(domain, &user_id).is_some() {
            return Err(TWICE);
        }
        let new = NewUser {
            user_id: owned(user_id),
            password: owned(password),
            phone_number: option(phone_number),
            dialling_code: dialling_code.map(|code| known_code(&code)).transpose()?,
            first_name: option(first_name),
            last_name: option(last_name),
            email: option(email),
            ..NewUser::default()
        };
        let profile = profile.map(|profile| Box::new(restore_profile(profile)));
        let user = Box::new(User { last_seen, profile, ..User::new(domain, &new, key, secret) });
        users.by_key.insert(key, no);
        users.by_name.insert((domain, user.user_id()), no);
        users.by_no.insert(no, user);
        if let Some(domain) = self.state.domains.by_no.get_mut(&domain) {
            domain.users.insert(no);
        }
        Ok(())
    }

    fn device(&mut self, device: record::Device<'_>) -> Result<(), &'static str> {
        let record::Device { id, no, user, registered, details, next_message } = device;
        let user = self.known_user(user)?;
        let no = DeviceNo::try_from(no).map_err(|_| "its number is too large")?;
        let devices = &mut self.state.devices;
        if devices.get(id).is_some() || devices.by_user.contains_key(&(user, no)) {
            return Err(TWICE);
        }
        let details = details.map(|details| {
            let record::DeviceDetails { native_id, family, name, client_version, os_version } = details;
            Box::new(DeviceDetails {
                native_id: owned(native_id),
                family: option(family),
                name: option(name),
                client_version: option(client_version),
                os_version: option(os_version),
            })
        });
        let inbox = next_message.map(|next| Box::new(Inbox { next, ..Inbox::default() }));
        devices.next = devices.next.max(no.checked_add(1).ok_or("its number is too large")?);
        devices.by_id.insert(id, (user, no));
        let device = Device { no, user, id, details, registered, contacts: Vec::new(), inbox };
        devices.by_user.insert((user, no), Box::new(device));
        self.current = Current::Device(user, no);
        Ok(())
    }

    fn message(&self, at: usize) -> Result<Arc<kandy_sys::types::PendingMessage>, &'static str> {
        self.messages.get(at).cloned().ok_or("its message is not before it")
    }

    fn pending(&mut self, pending: &record::Pending) -> Result<(), &'static str> {
        let record::Pending { no, message, acknowledged } = *pending;
        let message = self.message(message)?;
        let Current::Device(user, device_no) = &self.current else {
            return Err("pending messages follow their device");
        };
        let device = self.state.devices.by_user.get_mut(&(*user, *device_no));
        let inbox = device.and_then(|device| device.inbox.as_mut()).filter(|inbox| no < inbox.next);
        let inbox = inbox.ok_or("its number is not below next_message of its device")?;
        inbox.by_uuid.insert(uuid_of(&message), no);
        inbox.acknowledged.extend(acknowledged.then_some(no));
        if inbox.by_age.insert(no, message).is_some() {
            return Err(TWICE);
        }
        if inbox.by_age.len() > limits::PENDING_MESSAGES {
            return Err("the device has too many messages");
        }
        Ok(())
    }

    fn content(&mut self, content: record::Content<'_>) -> Result<(), &'static str> {
        let record::Content { domain, id, owner, content_type, length } = content;
        let (domain, owner, id) = (self.known_domain(domain)?, self.known_user(owner)?, id.to_uuid());
        if self.state.contents.get(domain, id).is_some() {
            return Err(TWICE);
        }
        if length > limits::FILE {
            return Err("the file is longer than the emulator takes");
        }
        let content = Content { owner, content_type: content_type.into_owned(), bytes: bytes::Bytes::new() };
        self.current = Current::Content { domain, id, content, bytes: Vec::new(), length };
        Ok(())
    }

    fn part(&mut self, part: &record::Part<'_>) -> Result<(), &'static str> {
        let Current::Content { bytes, length, .. } = &mut self.current else { return Err("parts follow their file") };
        BASE64_STANDARD.decode_vec(part.base64.as_bytes(), bytes).map_err(|_| "not base64")?;
        let is_too_long = u64::try_from(bytes.len()).map_or(true, |read| read > *length);
        if is_too_long { Err("the file has more bytes than its length") } else { Ok(()) }
    }

    fn verification(&mut self, verification: record::Verification<'_>) -> Result<(), &'static str> {
        let record::Verification { domain, no, dialling_code, number, code } = verification;
        let domain = self.known_domain(domain)?;
        let number = PhoneNumber { dialling_code: known_code(&dialling_code)?, number: owned(number) };
        if !(Code::FIRST..=Code::LAST).contains(&code) {
            return Err("a code has six digits");
        }
        let verifications = &mut self.state.verifications;
        verifications.next = verifications.next.max(no.checked_add(1).ok_or("its number is too large")?);
        let codes = verifications.by_domain.entry(domain).or_default();
        codes.by_code.entry(Code(code)).or_default().push(number.clone());
        if codes.by_number.insert(number, (no, Code(code))).is_some() { Err(TWICE) } else { Ok(()) }
    }

    fn conversation(&mut self, conversation: record::Conversation<'_>) -> Result<(), &'static str> {
        let record::Conversation { user, id, last, last_sent, used } = conversation;
        let (user, id) = (self.known_user(user)?, id.into_owned());
        let conversations = &mut self.state.conversations;
        conversations.uses = conversations.uses.max(used);
        let restored = Conversation { last, last_sent, used, entries: VecDeque::new() };
        if conversations.by_user.entry(user).or_default().insert(id.clone(), restored).is_some() {
            return Err(TWICE);
        }
        self.current = Current::Conversation(user, id);
        Ok(())
    }

    fn entry(&mut self, entry: &record::Entry) -> Result<(), &'static str> {
        let record::Entry { number, sent, message } = *entry;
        let message = self.message(message)?;
        let Current::Conversation(user, id) = &self.current else { return Err("entries follow their conversation") };
        let of_user = self.state.conversations.by_user.get_mut(user);
        let Some(conversation) = of_user.and_then(|of_user| of_user.get_mut(id)) else { return Ok(()) };
        let previous = conversation.entries.back().map_or(0, |entry| entry.number);
        if number <= previous || number > conversation.last {
            return Err("its number is not between that of the entry before and the last of the conversation");
        }
        conversation.entries.push_back(Entry { number, sent, message });
        Ok(())
    }

    fn personal_contact(&mut self, contact: record::PersonalContact<'_>) -> Result<(), &'static str> {
        let record::PersonalContact { user, no, id, contact } = contact;
        let user = self.known_user(user)?;
        let Book { next, by_age, by_id } = self.state.personal_contacts.by_user.entry(user).or_default();
        *next = (*next).max(no.checked_add(1).ok_or("its number is too large")?);
        let is_known = by_id.insert(id, no).is_some() | by_age.insert(no, (id, contact.into_owned())).is_some();
        if is_known { Err(TWICE) } else { Ok(()) }
    }

    fn token(&mut self, token: &record::Token) -> Result<(), &'static str> {
        let record::Token { no, id, ref owner, expires, revoked } = *token;
        // The owner may be deleted: then the token is unknown, and stays it, because numbers are not given again.
        let owner = match *owner {
            record::Owner::Account => TokenOwner::Account,
            record::Owner::Domain(no) if no < self.state.domains.next => TokenOwner::Domain(DomainNo(no)),
            record::Owner::User(no) if no < self.state.users.next => TokenOwner::User(UserNo(no)),
            _ => return Err("the number of its owner was not given"),
        };
        let tokens = &mut self.state.tokens;
        tokens.next = tokens.next.max(no.checked_add(1).ok_or("its number is too large")?);
        let is_known = tokens.by_id.insert(id, Token { no, owner, expires, revoked }).is_some()
            | tokens.by_age.insert(no, id).is_some();
        if is_known { Err(TWICE) } else { Ok(()) }
    }

    fn sms(&mut self, sms: record::Sms<'_>) -> Result<(), &'static str> {
        let record::Sms { sender, source, destination, destination_as_sent, text, device_id } = sms;
        let length = SmsLength::of(&text);
        self.state.outbox.add(SentSms {
            sender: sender.into_owned(),
            source: source.map(Cow::into_owned),
            destination: destination.into_owned(),
            destination_as_sent: destination_as_sent.into_owned(),
            text: text.into_owned(),
            encoding: length.encoding(),
            segments: length.segments(),
            device_id: device_id.into_owned(),
        });
        Ok(())
    }
}

fn known_code(code: &str) -> Result<&'static str, &'static str> {
    NumberingPlan::of_code(code).map(NumberingPlan::country_code).ok_or("no country has its dialling code")
}

fn restore_profile(profile: record::Profile<'_>) -> Profile {
    let record::Profile { first_name, last_name, status_text, image_details, user_data } = profile;
    Profile {
        first_name: first_name.map(Cow::into_owned),
        last_name: last_name.map(Cow::into_owned),
        status_text: status_text.map(Cow::into_owned),
        image_details: image_details.map(Cow::into_owned),
        user_data: user_data.map(Cow::into_owned),
    }
}
