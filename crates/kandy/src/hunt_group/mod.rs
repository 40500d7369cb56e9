//! Hunt groups, which distribute incoming calls among users. Depends on `check`, `pipeline` and the [`Domain`] handle.
//! Begin reading at [`HuntGroup`].
//!
//! All operations are known from one client, which was written from the documentation and is not known to have sent the
//! requests.

mod admin;
mod group;
mod user;

pub use admin::{AddHuntGroupAdmin, HuntGroupAdminList, ListHuntGroupAdmins, RemoveHuntGroupAdmin};
pub use group::{CreateHuntGroup, DeleteHuntGroup, HuntGroupList, ListHuntGroups, NewHuntGroup};
use kandy_sys::Client;
pub use user::{AddHuntGroupUser, HuntGroupUserList, ListHuntGroupUsers, RemoveHuntGroupUser};

use crate::{
    Domain,
    pipeline::{AuthenticatedClient, CallContext, HandleArc},
};

impl Domain {
    /// Lists the hunt groups of the domain.
    ///
    /// The form of the response is not known; all its fields are in [`extra`](HuntGroupList::extra).
    ///
    /// Operation `hunt_group_list`, confidence C: seen in one client.
    ///
    /// ```
    /// # async fn example(domain: kandy::Domain) -> kandy::Result<()> {
    /// for (name, value) in domain.hunt_groups().await?.extra {
    ///     println!("{name}: {value}");
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Api`](crate::Error::Api), [`Error::Transport`](crate::Error::Transport),
    /// [`Error::Decode`](crate::Error::Decode).
    pub fn hunt_groups(&self) -> ListHuntGroups {
        ListHuntGroups::new(CallContext::new(self.client()))
    }

    /// Creates a hunt group in the domain.
    ///
    /// Operation `hunt_group_create`, confidence C: seen in one client.
    ///
    /// ```
    /// use kandy::NewHuntGroup;
    ///
    /// # async fn example(domain: kandy::Domain) -> kandy::Result<()> {
    /// domain
    ///     .create_hunt_group(NewHuntGroup {
    ///         name: "support",
    ///         kind: "roundrobin",
    ///         pilot_uri_address: "support@example.com",
    ///         overflow_dest: "operator@example.com",
    ///         anonymous_uri: "anonymous@example.com",
    ///     })
    ///     .await?;
    /// domain.hunt_group("support").add_user("russ").await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`](crate::Error::Argument) when one of the texts is empty;
    /// [`is_already_exists`](crate::Error::is_already_exists); [`Error::Api`](crate::Error::Api),
    /// [`Error::Transport`](crate::Error::Transport).
    pub fn create_hunt_group(&self, hunt_group: NewHuntGroup<'_>) -> CreateHuntGroup {
        CreateHuntGroup::new(CallContext::new(self.client()), hunt_group)
    }

    /// Returns a handle of a hunt group of this domain, by name. Sends nothing.
    ///
    /// ```
    /// # async fn example(domain: kandy::Domain) -> kandy::Result<()> {
    /// let support = domain.hunt_group("support");
    /// support.add_user("russ").await?;
    /// # Ok(()) }
    /// ```
    pub fn hunt_group(&self, name: impl Into<String>) -> HuntGroup {
        HuntGroup { client: self.client().clone(), raw: self.raw().clone(), name: name.into() }
    }
}

/// A handle of a hunt group: its users receive its calls, and its administrators manage it.
///
/// Created by [`Domain::hunt_group`]. It is cheap to clone, and shares the access token of its domain.
///
/// ```
/// # async fn example(domain: kandy::Domain) -> kandy::Result<()> {
/// let support = domain.hunt_group("support");
/// support.add_user("russ").await?;
/// support.add_admin("anna").await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct HuntGroup {
    client: HandleArc<AuthenticatedClient>,
    raw: Client,
    name: String,
}

impl HuntGroup {
    /// Returns the name of the hunt group.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Deletes the hunt group.
    ///
    /// Operation `hunt_group_delete`, confidence C: seen in one client.
    ///
    /// ```
    /// # async fn example(support: kandy::HuntGroup) -> kandy::Result<()> {
    /// support.delete().await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`](crate::Error::Argument) when the name is empty;
    /// [`is_not_found`](crate::Error::is_not_found); [`Error::Api`](crate::Error::Api),
    /// [`Error::Transport`](crate::Error::Transport).
    pub fn delete(&self) -> DeleteHuntGroup {
        DeleteHuntGroup::new(CallContext::new(&self.client), self.name.clone())
    }

    /// Lists the users of the hunt group.
    ///
    /// The form of the response is not known; all its fields are in [`extra`](HuntGroupUserList::extra).
    ///
    /// Operation `hunt_group_user_list`, confidence C: seen in one client, which sends it with another method by
    /// mistake.
    ///
    /// ```
    /// # async fn example(support: kandy::HuntGroup) -> kandy::Result<()> {
    /// for (name, value) in support.users().await?.extra {
    ///     println!("{name}: {value}");
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`](crate::Error::Argument) when the name is empty;
    /// [`is_not_found`](crate::Error::is_not_found); [`Error::Api`](crate::Error::Api),
    /// [`Error::Transport`](crate::Error::Transport), [`Error::Decode`](crate::Error::Decode).
    pub fn users(&self) -> ListHuntGroupUsers {
        ListHuntGroupUsers::new(CallContext::new(&self.client), self.name.clone())
    }

    /// Adds a user to the hunt group. Whether the name includes `@` and the domain is not known.
    ///
    /// Operation `hunt_group_user_add`, confidence C: seen in one client.
    ///
    /// ```
    /// # async fn example(support: kandy::HuntGroup) -> kandy::Result<()> {
    /// support.add_user("russ").await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`](crate::Error::Argument) when one of the names is empty;
    /// [`is_not_found`](crate::Error::is_not_found); [`is_already_exists`](crate::Error::is_already_exists);
    /// [`Error::Api`](crate::Error::Api), [`Error::Transport`](crate::Error::Transport).
    pub fn add_user(&self, user_name: impl Into<String>) -> AddHuntGroupUser {
        AddHuntGroupUser::new(CallContext::new(&self.client), self.name.clone(), user_name.into())
    }

    /// Removes a user from the hunt group. Whether the name includes `@` and the domain is not known.
    ///
    /// Operation `hunt_group_user_remove`, confidence C: seen in one client.
    ///
    /// ```
    /// # async fn example(support: kandy::HuntGroup) -> kandy::Result<()> {
    /// support.remove_user("russ").await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`](crate::Error::Argument) when one of the names is empty;
    /// [`is_not_found`](crate::Error::is_not_found); [`Error::Api`](crate::Error::Api),
    /// [`Error::Transport`](crate::Error::Transport).
    pub fn remove_user(&self, user_name: impl Into<String>) -> RemoveHuntGroupUser {
        RemoveHuntGroupUser::new(CallContext::new(&self.client), self.name.clone(), user_name.into())
    }

    /// Lists the administrators of the hunt group.
    ///
    /// The form of the response is not known; all its fields are in [`extra`](HuntGroupAdminList::extra).
    ///
    /// Operation `hunt_group_admin_list`, confidence C: seen in one client.
    ///
    /// ```
    /// # async fn example(support: kandy::HuntGroup) -> kandy::Result<()> {
    /// for (name, value) in support.admins().await?.extra {
    ///     println!("{name}: {value}");
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`](crate::Error::Argument) when the name is empty;
    /// [`is_not_found`](crate::Error::is_not_found); [`Error::Api`](crate::Error::Api),
    /// [`Error::Transport`](crate::Error::Transport), [`Error::Decode`](crate::Error::Decode).
    pub fn admins(&self) -> ListHuntGroupAdmins {
        ListHuntGroupAdmins::new(CallContext::new(&self.client), self.name.clone())
    }

    /// Makes a user an administrator of the hunt group. Whether the name includes `@` and the domain is not known.
    ///
    /// Operation `hunt_group_admin_add`, confidence C: seen in one client.
    ///
    /// ```
    /// # async fn example(support: kandy::HuntGroup) -> kandy::Result<()> {
    /// support.add_admin("anna").await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`](crate::Error::Argument) when one of the names is empty;
    /// [`is_not_found`](crate::Error::is_not_found); [`is_already_exists`](crate::Error::is_already_exists);
    /// [`Error::Api`](crate::Error::Api), [`Error::Transport`](crate::Error::Transport).
    pub fn add_admin(&self, admin_name: impl Into<String>) -> AddHuntGroupAdmin {
        AddHuntGroupAdmin::new(CallContext::new(&self.client), self.name.clone(), admin_name.into())
    }

    /// Removes an administrator from the hunt group. Whether the name includes `@` and the domain is not known.
    ///
    /// Operation `hunt_group_admin_remove`, confidence C: seen in one client, with a path that differs from that of the
    /// other two operations on administrators. This SDK sends the path of those two.
    ///
    /// ```
    /// # async fn example(support: kandy::HuntGroup) -> kandy::Result<()> {
    /// support.remove_admin("anna").await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`](crate::Error::Argument) when one of the names is empty;
    /// [`is_not_found`](crate::Error::is_not_found); [`Error::Api`](crate::Error::Api),
    /// [`Error::Transport`](crate::Error::Transport).
    pub fn remove_admin(&self, admin_name: impl Into<String>) -> RemoveHuntGroupAdmin {
        RemoveHuntGroupAdmin::new(CallContext::new(&self.client), self.name.clone(), admin_name.into())
    }

    /// Returns the generated client, with the token handling of the domain, for operations that are not wrapped.
    ///
    /// ```
    /// # async fn example(support: kandy::HuntGroup) -> Result<(), Box<dyn std::error::Error>> {
    /// let users = support.raw().hunt_group_user_list(support.name()).await?.into_inner().into_result()?;
    /// # Ok(()) }
    /// ```
    pub fn raw(&self) -> &Client {
        &self.raw
    }
}
