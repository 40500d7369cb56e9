//! Operations of the tag Group: create, read, update and delete groups, and send messages to them.
//!
//! Begin with `HANDLERS`.

mod event;
mod members;

use kandy_sys::{
    ApiFault, MessageType,
    types::{self, GroupMember},
};
use serde_json::{Map, Value, json};

use crate::{
    operations::{
        chat_message::{self, ChatMessage, MessageError},
        handler::Handler,
        lookup::{group, own_group},
    },
    protocol::{
        call::Call,
        refusal::{group_not_found, invalid_message_format, permission_denied},
        reply::{Outcome, Reply},
    },
    state::{Group, MAX_MEMBERS, Member, State, UserNo, id::Id},
};

pub(super) const HANDLERS: &[(&str, Handler)] = &[
    ("group_list", Handler::User(list)),
    ("group_create", Handler::User(create)),
    ("group_get", Handler::User(get)),
    ("group_update", Handler::User(update)),
    ("group_delete", Handler::User(delete)),
    ("group_member_add", Handler::User(members::add)),
    ("group_member_remove", Handler::User(members::remove)),
    ("group_leave", Handler::User(members::leave)),
    ("group_mute", Handler::User(members::mute_group)),
    ("group_member_mute", Handler::User(members::mute)),
    ("group_message_send", Handler::User(message_send)),
];

/// Describes a group to one of its members.
fn describe(state: &State, id: Id, group: &Group, user: UserNo) -> Result<Value, ApiFault> {
    let describe = |member: &Member| GroupMember {
        full_user_id: state.users.get(member.user).map(|user| state.full_user_id(user)),
        muted: Some(member.is_muted),
    };
    let (owners, members): (Vec<_>, Vec<_>) = group.members().partition(|member| member.is_owner);
    let described = types::Group {
        group_id: Some(format!("{id:x}")),
        group_name: group.name.clone(),
        group_image: Some(group.image.clone().into()),
        max_members: Some(group.max_members.to_string().into()),
        owners: Some(owners.into_iter().map(describe).collect()),
        creation_time: i64::try_from(group.created).ok().map(Into::into),
        members: Some(members.into_iter().map(describe).collect()),
        muted: group.member(user).map(|member| member.has_muted),
    };
    let mut described = serde_json::to_value(described).unwrap_or_default();
    // What is missing is null, not left out.
    if group.name.is_none() {
        described["group_name"] = Value::Null;
    }
    if group.image.is_empty() {
        described["group_image"] = Value::Null;
    }
    Ok(described)
}

fn list(state: &mut State, _: &Call, user: UserNo) -> Outcome {
    let groups =
        state.groups.of(user).map(|(id, group)| describe(state, id, group, user)).collect::<Result<Vec<_>, _>>()?;
    Reply::result(json!({"groups": groups}))
}

fn create(state: &mut State, call: &Call, user: UserNo) -> Outcome {
    let fields = call.fields()?;
    let name = fields.optional("group_name")?.map(Into::into);
    let image = fields.object("group_image").cloned().unwrap_or_default();
    let group = Group::new(name, image, MAX_MEMBERS, state.clock.now());
    let id = state.groups.add(group, [Member { is_owner: true, ..Member::new(user) }]);
    let extra = Map::new().into();
    Reply::result(types::GroupCreated { group_id: Some(format!("{id:x}")), extra })
}

fn get(state: &mut State, call: &Call, user: UserNo) -> Outcome {
    let (id, group, _) = group(state, call.require("group_id")?, user)?;
    Reply::result(describe(state, id, group, user)?)
}

fn update(state: &mut State, call: &Call, user: UserNo) -> Outcome {
    let fields = call.fields()?;
    let group_id = fields.required("group_id")?;
    let (name, image) = (fields.optional("group_name")?, fields.object("group_image"));
    let (id, group) = own_group(state, &group_id, user)?;
    let others = group.others(user);
    let Some(group) = state.groups.get_mut(id) else { return Err(group_not_found().into()) };
    let name = name.map(String::from).or_else(|| group.name.clone());
    let image = image.unwrap_or(&group.image).clone();
    // No event for an update that changes nothing, such as a repeated one.
    if (&name, &image) != (&group.name, &group.image) {
        (group.name, group.image) = (name, image);
        event::send(state, MessageType::ChatGroupUpdate, id, user, Map::new(), others);
    }
    Reply::done()
}

fn delete(state: &mut State, call: &Call, user: UserNo) -> Outcome {
    let (id, group) = own_group(state, call.require("group_id")?, user)?;
    // Collected before the deletion, which removes the members.
    let others = group.others(user);
    state.groups.remove(id);
    event::send(state, MessageType::ChatGroupDelete, id, user, Map::new(), others);
    Reply::done()
}

fn message_send(state: &mut State, call: &Call, user: UserNo) -> Outcome {
    // This operation has a status of its own for an unreadable body.
    let body = call.json().map_err(|_| invalid_message_format())?;
    let refuse = |error| match error {
        MessageError::Missing(name) => call.missing(name),
        MessageError::Invalid(_) => invalid_message_format(),
    };
    let message = ChatMessage::read(body).map_err(refuse)?;
    let group_id = message.required("group_id").map_err(refuse)?;
    let (_, group, sender) = group(state, &group_id, user)?;
    if sender.is_muted {
        return Err(permission_denied().into());
    }
    let receivers = group.others(user);
    let mut message = message.from(state, user);
    message.message_type = Some(MessageType::GroupChat);
    message.group_id = Some(group_id);
    chat_message::deliver_chat(state, message, user, receivers);
    Reply::done()
}
