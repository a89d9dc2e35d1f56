"""The properties that every portal has: the ones worth syncing and those that answers carry unrequested."""

from sandbox.kinds import Kind
from sandbox.store.properties.industries import INDUSTRIES
from sandbox.store.properties.schema import FieldType, Modification, Option, Property, PropertyType

INSTALLED_AT = "2020-03-01T09:00:00.000Z"
LIFECYCLE_STAGES = (
    "subscriber",
    "lead",
    "marketingqualifiedlead",
    "salesqualifiedlead",
    "opportunity",
    "customer",
    "evangelist",
    "other",
)
_LABELS = {"marketingqualifiedlead": "Marketing Qualified Lead", "salesqualifiedlead": "Sales Qualified Lead"}
LEAD_STATUSES = (
    "NEW",
    "OPEN",
    "IN_PROGRESS",
    "OPEN_DEAL",
    "UNQUALIFIED",
    "ATTEMPTED_TO_CONTACT",
    "CONNECTED",
    "BAD_TIMING",
)
SOURCES = (
    "ORGANIC_SEARCH",
    "PAID_SEARCH",
    "EMAIL_MARKETING",
    "SOCIAL_MEDIA",
    "REFERRALS",
    "OTHER_CAMPAIGNS",
    "DIRECT_TRAFFIC",
    "OFFLINE",
    "PAID_SOCIAL",
)
BUYING_ROLES = (
    "BLOCKER",
    "BUDGET_HOLDER",
    "CHAMPION",
    "DECISION_MAKER",
    "END_USER",
    "EXECUTIVE_SPONSOR",
    "INFLUENCER",
    "LEGAL_AND_COMPLIANCE",
    "OTHER",
)
GROUPS = {
    "contacts": (
        ("contactinformation", "Contact information"),
        ("sales_properties", "Sales properties"),
        ("analyticsinformation", "Analytics information"),
    ),
    "companies": (
        ("companyinformation", "Company information"),
        ("companylcs", "Company lifecycle"),
        ("socialmediainformation", "Social media information"),
    ),
}
OPTIONS: dict[str, tuple[str, ...]] = {
    "lifecyclestage": LIFECYCLE_STAGES,
    "hs_lead_status": LEAD_STATUSES,
    "hs_buying_role": BUYING_ROLES,
    "hs_analytics_source": SOURCES,
    "hs_latest_source": SOURCES,
    "numemployees": ("1-5", "5-25", "25-50", "50-100", "100-500", "500-1000", "1000+"),
    "industry": INDUSTRIES,
    "type": ("PROSPECT", "PARTNER", "RESELLER", "VENDOR", "OTHER"),
    "hs_ideal_customer_profile": ("tier_1", "tier_2", "tier_3"),
    "hs_language": ("da", "de", "en", "en-gb", "es", "fr", "it", "ja", "nl", "pl", "pt", "sv", "zh-cn"),
}
# One line a property: name, label, type, field, and `ro` for a value that only HubSpot sets.
CONTACT_LINES = """
email Email string text
firstname First_name string text
lastname Last_name string text
salutation Salutation string text
jobtitle Job_title string text
phone Phone_number string phonenumber
mobilephone Mobile_phone_number string phonenumber
fax Fax_number string phonenumber
company Company_name string text
website Website_URL string text
address Street_address string text
city City string text
state State/Region string text
zip Postal_code string text
country Country/Region string text
industry Industry string text
annualrevenue Annual_revenue string text
numemployees Number_of_employees enumeration select
lifecyclestage Lifecycle_stage enumeration radio
hs_lead_status Lead_status enumeration radio
hs_buying_role Buying_role enumeration checkbox
hubspot_owner_id Contact_owner enumeration select
hs_language Preferred_language enumeration select
hs_linkedin_url LinkedIn_URL string text
twitterhandle Twitter_username string text
message Message string textarea
closedate Close_date datetime date
date_of_birth Date_of_birth string text
hs_unique_creation_key Unique_creation_key string text ro
hs_object_id Record_ID number number ro
createdate Create_date datetime date ro
hs_createdate Object_create_date datetime date ro
lastmodifieddate Last_modified_date datetime date ro
hs_additional_emails Additional_email_addresses enumeration checkbox ro
hs_merged_object_ids Merged_record_IDs enumeration checkbox ro
hs_calculated_merged_vids Merged_contact_IDs string text ro
hs_all_contact_vids All_contact_vids enumeration checkbox ro
hs_email_domain Email_domain string text ro
hs_email_optout Unsubscribed_from_all_email bool booleancheckbox ro
hs_email_bounce Emails_bounced number number ro
hs_marketable_status Marketing_contact_status enumeration select ro
hs_is_unworked Contact_unworked bool booleancheckbox ro
hs_is_contact Is_a_contact bool booleancheckbox ro
hs_pipeline Pipeline enumeration select ro
hs_analytics_source Original_source enumeration select ro
hs_latest_source Latest_source enumeration select ro
hs_object_source Record_source string text ro
hs_object_source_id Record_source_ID string text ro
hs_object_source_label Record_source_label string text ro
hs_created_by_user_id Created_by_user_ID number number ro
num_associated_deals Number_of_associated_deals number number ro
notes_last_contacted Last_contacted datetime date ro
hubspot_owner_assigneddate Owner_assigned_date datetime date ro
associatedcompanyid Primary_associated_company_ID number number ro
"""
COMPANY_LINES = """
name Company_name string text
domain Company_domain_name string text
hs_additional_domains Additional_domains enumeration checkbox
website Website_URL string text
phone Phone_number string phonenumber
address Street_address string text
address2 Street_address_2 string text
city City string text
state State/Region string text
zip Postal_code string text
country Country/Region string text
description Description string textarea
about_us About_us string textarea
founded_year Year_founded string text
timezone Time_zone string text
industry Industry enumeration select
type Type enumeration radio
numberofemployees Number_of_employees number number
annualrevenue Annual_revenue number number
lifecyclestage Lifecycle_stage enumeration radio
hs_lead_status Lead_status enumeration radio
hubspot_owner_id Company_owner enumeration select
is_public Is_public bool booleancheckbox
hs_is_target_account Target_account bool booleancheckbox
hs_ideal_customer_profile Ideal_customer_profile_tier enumeration select
linkedin_company_page LinkedIn_company_page string text
facebook_company_page Facebook_company_page string text
twitterhandle Twitter_handle string text
hs_linkedin_handle LinkedIn_handle string text
closedate Close_date datetime date
hs_unique_creation_key Unique_creation_key string text ro
hs_object_id Record_ID number number ro
createdate Create_date datetime date ro
hs_createdate Object_create_date datetime date ro
hs_lastmodifieddate Last_modified_date datetime date ro
hs_merged_object_ids Merged_record_IDs enumeration checkbox ro
hs_object_source Record_source string text ro
hs_object_source_id Record_source_ID string text ro
hs_object_source_label Record_source_label string text ro
num_associated_contacts Number_of_associated_contacts number number ro
num_associated_deals Number_of_associated_deals number number ro
hs_num_child_companies Number_of_child_companies number number ro
hs_parent_company_id Parent_company number number ro
total_revenue Total_revenue number number ro
days_to_close Days_to_close number number ro
first_contact_createdate First_contact_create_date datetime date ro
notes_last_contacted Last_contacted datetime date ro
"""
WITHOUT_FIXED_OPTIONS = frozenset(
    {
        "hubspot_owner_id",
        "hs_additional_domains",
        "hs_additional_emails",
        "hs_merged_object_ids",
        "hs_all_contact_vids",
        "hs_marketable_status",
        "hs_pipeline",
    }
)


def builtin_properties(kind: Kind) -> list[Property]:
    """Fresh definitions for one object type."""
    lines = CONTACT_LINES if kind.name == "contacts" else COMPANY_LINES
    group = GROUPS[kind.name][0][0]
    return [_property(line.split(), group, order) for order, line in enumerate(lines.strip().splitlines())]


def _property(columns: list[str], group: str, order: int) -> Property:
    name, label, type_, field = columns[:4]
    read_only = columns[4:] == ["ro"]
    return Property(
        name=name,
        label=label.replace("_", " "),
        type=_as_type(type_),
        field_type=_as_field(field),
        group_name=group,
        created_at=INSTALLED_AT,
        updated_at=INSTALLED_AT,
        options=_options(name, type_),
        display_order=order,
        form_field=not read_only,
        external_options=name in WITHOUT_FIXED_OPTIONS,
        hubspot_defined=True,
        modification_metadata=Modification(
            archivable=False,
            read_only_definition=True,
            read_only_options=name != "lifecyclestage",
            read_only_value=read_only,
        ),
    )


def _options(name: str, type_: str) -> list[Option]:
    if type_ == "bool":
        return [Option("True", "true", 0), Option("False", "false", 1)]
    values = OPTIONS.get(name, ()) if type_ == "enumeration" else ()
    return [Option(_label(value), value, order) for order, value in enumerate(values)]


def _label(value: str) -> str:
    if value in LIFECYCLE_STAGES:
        return _LABELS.get(value, value.capitalize())
    return value.replace("_", " ").capitalize() if value.isupper() else value


def _as_type(word: str) -> PropertyType:
    known: dict[str, PropertyType] = {
        "bool": "bool",
        "datetime": "datetime",
        "enumeration": "enumeration",
        "number": "number",
        "string": "string",
    }
    return known[word]


def _as_field(word: str) -> FieldType:
    known: dict[str, FieldType] = {
        "text": "text",
        "textarea": "textarea",
        "number": "number",
        "date": "date",
        "select": "select",
        "radio": "radio",
        "checkbox": "checkbox",
        "booleancheckbox": "booleancheckbox",
        "phonenumber": "phonenumber",
    }
    return known[word]
