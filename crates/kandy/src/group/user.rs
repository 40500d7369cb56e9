//! The methods of [`User`] for groups. Depends on the builders of the parent module.

use super::{CreateGroup, Group, ListGroups};
use crate::{GroupId, User, pipeline::CallContext};

/// Groups.
impl User {
    /// Returns a handle of a group that this user is a member of. Sends nothing.
    ///
    /// ```
    /// # async fn example(russ: kandy::User) -> kandy::Result<()> {
    /// let friends = russ.group("834f42eb5a1144a3b679f2d0be20112c");
    /// friends.send_message("Hello, all").await?;
    /// # Ok(()) }
    /// ```
    pub fn group(&self, group_id: impl Into<GroupId>) -> Group {
        Group::new(self.client.clone(), self.raw.clone(), group_id.into())
    }

    /// Lists the groups that the user is in, with their owners and members.
    ///
    /// Operation `group_list`, confidence B.
    ///
    /// ```
    /// # async fn example(russ: kandy::User) -> kandy::Result<()> {
    /// for group in russ.groups().await? {
    ///     println!("{:?} has {} members", group.name, group.members.len());
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Api`](crate::Error::Api), [`Error::Transport`](crate::Error::Transport),
    /// [`Error::Decode`](crate::Error::Decode).
    pub fn groups(&self) -> ListGroups {
        ListGroups::new(CallContext::new(&self.client))
    }

    /// Creates a group, which the user then owns.
    ///
    /// A repeated request may create a second group with the same name, so it is retried only if the failed attempt was
    /// certainly not applied: see [`may_have_been_applied`](crate::Error::may_have_been_applied).
    ///
    /// Operation `group_create`, confidence B.
    ///
    /// ```
    /// # async fn example(russ: kandy::User) -> kandy::Result<()> {
    /// let created = russ.create_group("Friends").await?;
    /// let friends = russ.group(created.group_id);
    /// friends.add_members(["anna@example.com"]).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`](crate::Error::Argument) when the name is empty; [`Error::Api`](crate::Error::Api),
    /// [`Error::Transport`](crate::Error::Transport), [`Error::Decode`](crate::Error::Decode).
    pub fn create_group(&self, name: impl Into<String>) -> CreateGroup {
        CreateGroup::new(CallContext::new(&self.client), name.into())
    }
}
