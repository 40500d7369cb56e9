//! The chapter on groups: details and messages.

use kandy_sys::{
    Fault, MessageType,
    types::{self, GroupMember},
};

use crate::{
    answer::{Outcome, Reply},
    behaviour::Behaviour,
    chat_message::{self, ChatMessage, Flaw},
    refusal::{group_not_found, invalid_message_format, not_in_group},
    request::Call,
    state::{Group, Member, State, UserNo},
};

pub(crate) fn behaviour(operation_id: &str) -> Option<Behaviour> {
    Some(match operation_id {
        "group_get" => Behaviour::User(get),
        "group_message_send" => Behaviour::User(message_send),
        _ => return None,
    })
}

/// The group with an id, if the user is in it.
fn group<'a>(state: &'a State, id: &str, user: UserNo) -> Result<&'a Group, Fault> {
    let group = state.groups.find(id).ok_or_else(group_not_found)?;
    if group.has(user) { Ok(group) } else { Err(not_in_group()) }
}

fn get(state: &mut State, call: &Call, user: UserNo) -> Outcome {
    let id = call.require("group_id")?;
    let group = group(state, id, user)?;
    let describe = |member: &Member| GroupMember {
        full_user_id: state.users.get(member.user).map(|user| state.full_user_id(user)),
        muted: Some(member.is_muted),
    };
    let (owners, members): (Vec<_>, Vec<_>) = group.members.iter().partition(|member| member.is_owner);
    Reply::result(types::Group {
        group_id: Some(id.to_owned()),
        group_name: Some(group.name.clone()),
        group_image: Some(kandy_sys::Members::default()),
        max_members: Some(group.max_members.to_string().into()),
        owners: Some(owners.into_iter().map(describe).collect()),
        creation_time: i64::try_from(group.created).ok().map(Into::into),
        members: Some(members.into_iter().map(describe).collect()),
        muted: Some(false),
    })
}

fn message_send(state: &mut State, call: &Call, user: UserNo) -> Outcome {
    // This operation has a number of its own for a body that it cannot read.
    let body = call.json().map_err(|_| invalid_message_format())?;
    let refuse = |flaw| match flaw {
        Flaw::Missing(name) => call.missing(name),
        Flaw::Invalid(_) => invalid_message_format(),
    };
    let message = ChatMessage::read(&body).map_err(refuse)?;
    let group_id = message.required("group_id").map_err(refuse)?;
    let members = &group(state, &group_id, user)?.members;
    let receivers: Vec<_> = members.iter().map(|member| member.user).filter(|member| *member != user).collect();
    let mut message = message.from(state, user);
    message.message_type = Some(MessageType::GroupChat);
    message.group_id = Some(group_id);
    chat_message::deliver(state, message, receivers);
    Reply::done()
}
