//! Writes each object as records.
//!
//! Structs are taken apart without `..`: a new field does not compile until it is written here.
//!
//! Depends on `record`, `items` and the collections. Begin with `Device::write`.

use std::borrow::Cow;

use uuid::Uuid;

use super::{
    items::Items,
    record::{self, Record},
};
use crate::state::{
    Content, Conversation, Device, DeviceDetails, Domain, DomainNo, Group, HuntGroup, Member, Participant, PhoneNumber,
    Profile, SentSms, Session, Shown, TokenOwner, User, UserNo, conversation, device, id::Id, token::Token,
    verification::Code,
};

fn text(text: &str) -> Cow<'_, str> {
    Cow::Borrowed(text)
}

fn option(text: Option<&(impl AsRef<str> + ?Sized)>) -> Option<Cow<'_, str>> {
    text.map(|text| Cow::Borrowed(text.as_ref()))
}

impl Domain {
    pub(crate) fn write(&self, no: DomainNo, items: &mut Items) {
        // The users have a record each, which names their domain.
        let Self { name, project_name, created, key, secret, users: _, anonymous } = self;
        items.record(&Record::Domain(record::Domain {
            no: no.0,
            name: text(name),
            project_name: option(project_name.as_ref()),
            created: *created,
            key: *key,
            secret: *secret,
            anonymous: *anonymous,
        }));
    }
}

impl User {
    pub(crate) fn write(&self, no: UserNo, items: &mut Items) {
        items.record(&Record::User(record::User {
            no: no.0,
            domain: self.domain.0,
            user_id: text(self.user_id()),
            password: text(self.password()),
            phone_number: self.phone_number().map(text),
            dialling_code: self.dialling_code().map(text),
            first_name: self.first_name().map(text),
            last_name: self.last_name().map(text),
            email: self.email().map(text),
            key: self.key,
            secret: self.secret,
            last_seen: self.last_seen,
            profile: self.profile.as_deref().map(Profile::to_record),
        }));
    }
}

impl Profile {
    fn to_record(&self) -> record::Profile<'_> {
        let Self { first_name, last_name, status_text, image_details, user_data } = self;
        record::Profile {
            first_name: option(first_name.as_ref()),
            last_name: option(last_name.as_ref()),
            status_text: option(status_text.as_ref()),
            image_details: option(image_details.as_ref()),
            user_data: option(user_data.as_ref()),
        }
    }
}

impl Device {
    pub(crate) fn write(&self, items: &mut Items) {
        let Self { no, user, id, details, registered, contacts, inbox } = self;
        items.record(&Record::Device(record::Device {
            id: *id,
            no: u64::from(*no),
            user: user.0,
            registered: *registered,
            details: details.as_deref().map(DeviceDetails::to_record),
            next_message: inbox.as_ref().map(|inbox| inbox.next),
        }));
        for contacts in contacts {
            items.record(&Record::Contacts(Cow::Borrowed(contacts)));
        }
        if let Some(inbox) = inbox {
            // The index by id follows from the messages.
            let device::Inbox { next: _, by_age, by_uuid: _, acknowledged } = &**inbox;
            by_age.iter().for_each(|(no, message)| items.pending(*no, message, acknowledged.contains(no)));
        }
    }
}

impl DeviceDetails {
    fn to_record(&self) -> record::DeviceDetails<'_> {
        let Self { native_id, family, name, client_version, os_version } = self;
        record::DeviceDetails {
            native_id: text(native_id),
            family: option(family.as_ref()),
            name: option(name.as_ref()),
            client_version: option(client_version.as_ref()),
            os_version: option(os_version.as_ref()),
        }
    }
}

impl Group {
    pub(crate) fn write(&self, id: Id, items: &mut Items) {
        // The index by user and the number of owners follow from the members.
        let Self { name, image, max_members, created, by_age, by_user: _, owners: _ } = self;
        let members = by_age.iter().map(|(no, member)| {
            let Member { user, is_owner, is_muted, has_muted } = *member;
            record::Member { no: *no, user: user.0, is_owner, is_muted, has_muted }
        });
        items.record(&Record::Group(record::Group {
            id,
            name: option(name.as_ref()),
            image: Cow::Borrowed(image),
            max_members: *max_members,
            created: *created,
            members: members.collect(),
        }));
    }
}

impl Content {
    pub(crate) fn write(&self, (domain, id): (DomainNo, Uuid), items: &mut Items) {
        let Self { owner, content_type, bytes } = self;
        items.record(&Record::Content(record::Content {
            domain: domain.0,
            id: Id::from_uuid(id),
            owner: owner.0,
            content_type: text(content_type),
            length: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
        }));
        items.bytes(bytes);
    }
}

impl Session {
    pub(crate) fn write(&self, no: u64, items: &mut Items) {
        let Self {
            id,
            domain,
            admin,
            session_type,
            name,
            description,
            is_active,
            created,
            expires,
            participants,
            next,
        } = self;
        let participants = participants.iter().map(|(user, participant)| {
            let Participant { number, is_approved, shown } = participant;
            let Shown { nickname, first_name, last_name, phone_number, email } = shown;
            record::Participant {
                user: user.0,
                number: *number,
                is_approved: *is_approved,
                nickname: option(nickname.as_ref()),
                first_name: option(first_name.as_ref()),
                last_name: option(last_name.as_ref()),
                phone_number: option(phone_number.as_ref()),
                email: option(email.as_ref()),
            }
        });
        items.record(&Record::Session(record::Session {
            no,
            id: *id,
            domain: domain.0,
            admin: admin.0,
            session_type: option(session_type.as_ref()),
            name: option(name.as_ref()),
            description: option(description.as_ref()),
            is_active: *is_active,
            created: *created,
            expires: *expires,
            participants: participants.collect(),
            next: *next,
        }));
    }
}

impl HuntGroup {
    pub(crate) fn write(&self, domain: DomainNo, name: &str, items: &mut Items) {
        let Self { kind, pilot_uri_address, overflow_dest, anonymous_uri, users, admins } = self;
        items.record(&Record::HuntGroup(record::HuntGroup {
            domain: domain.0,
            name: text(name),
            kind: text(kind),
            pilot_uri_address: text(pilot_uri_address),
            overflow_dest: text(overflow_dest),
            anonymous_uri: text(anonymous_uri),
            users: users.iter().map(|user| user.0).collect(),
            admins: admins.iter().map(|user| user.0).collect(),
        }));
    }
}

impl Code {
    pub(crate) fn write(self, domain: DomainNo, number: &PhoneNumber, no: u64, items: &mut Items) {
        let PhoneNumber { dialling_code, number } = number;
        items.record(&Record::Verification(record::Verification {
            domain: domain.0,
            no,
            dialling_code: text(dialling_code),
            number: text(number),
            code: self.0,
        }));
    }
}

impl Conversation {
    pub(crate) fn write(&self, user: UserNo, id: &str, items: &mut Items) {
        let Self { last, last_sent, used, entries } = self;
        items.record(&Record::Conversation(record::Conversation {
            user: user.0,
            id: text(id),
            last: *last,
            last_sent: *last_sent,
            used: *used,
        }));
        for conversation::Entry { number, sent, message } in entries {
            items.entry(*number, *sent, message);
        }
    }
}

impl Token {
    /// `revoked_before` is that of the moment that the snapshot shows.
    pub(crate) fn write(&self, id: Id, revoked_before: Option<&u64>, items: &mut Items) {
        let Self { no, owner, expires, revoked: _ } = self;
        let owner = match owner {
            TokenOwner::Account => record::Owner::Account,
            TokenOwner::Domain(domain) => record::Owner::Domain(domain.0),
            TokenOwner::User(user) => record::Owner::User(user.0),
        };
        let revoked = self.is_revoked(revoked_before.copied().unwrap_or_default());
        items.record(&Record::Token(record::Token { no: *no, id, owner, expires: *expires, revoked }));
    }
}

impl SentSms {
    pub(crate) fn write(&self, items: &mut Items) {
        // The length follows from the text.
        let Self { sender, source, destination, destination_as_sent, text: sent, encoding: _, segments: _, device_id } =
            self;
        items.record(&Record::Sms(record::Sms {
            sender: text(sender),
            source: option(source.as_ref()),
            destination: text(destination),
            destination_as_sent: text(destination_as_sent),
            text: text(sent),
            device_id: text(device_id),
        }));
    }
}
