"""The raw loan application: the 121 columns of Home Credit's application table.

Nearly all cells are optional, because a third of the real ones are empty. Required is what no
decision can do without: the loan's number, the income, the amount and the applicant's age.
"""

from services.contracts.cells import (
    Amount,
    Category,
    Cells,
    Count,
    DaysBefore,
    DaysEmployed,
    DaysOfLife,
    EmergencyState,
    Flag,
    Hour,
    Identifier,
    RegionRating,
    Share,
    Weekday,
    Years,
    YesNo,
)


class LoanApplication(Cells):
    """What the lender knows of one applicant and the loan asked for, as it was handed in.

    A cell that is not known is left out or null. A column of words names the usual ones: another word is
    no error and counts as missing. A further field is no error either: it is counted and never read.
    """

    SK_ID_CURR: Identifier
    """Number of the loan in the lender's books."""
    NAME_CONTRACT_TYPE: Category | None = None
    """Kind of loan: Cash loans or Revolving loans."""
    CODE_GENDER: Category | None = None
    """Sex of the client: F, M, or XNA where it is not known."""
    FLAG_OWN_CAR: YesNo | None = None
    """Whether the client owns a car."""
    FLAG_OWN_REALTY: YesNo | None = None
    """Whether the client owns a house or flat."""
    CNT_CHILDREN: Count | None = None
    """Children the client has."""
    AMT_INCOME_TOTAL: Amount
    """Income of the client: of a month, as the instalments are."""
    AMT_CREDIT: Amount
    """Amount of the loan."""
    AMT_ANNUITY: Amount | None = None
    """Annuity of the loan: the monthly instalment, in the currency of the amount."""
    AMT_GOODS_PRICE: Amount | None = None
    """Price of the goods the loan is for."""
    NAME_TYPE_SUITE: Category | None = None
    """Who came with the client: Unaccompanied; Family; Spouse, partner; Children; Group of people;
    Other_A or Other_B."""
    NAME_INCOME_TYPE: Category | None = None
    """Where the client's income comes from: Working, Commercial associate, Pensioner, State servant,
    Unemployed, Student, Businessman or Maternity leave."""
    NAME_EDUCATION_TYPE: Category | None = None
    """Highest education of the client: Lower secondary, Secondary / secondary special, Incomplete higher,
    Higher education or Academic degree."""
    NAME_FAMILY_STATUS: Category | None = None
    """Family status of the client: Married, Civil marriage, Single / not married, Separated, Widow or
    Unknown."""
    NAME_HOUSING_TYPE: Category | None = None
    """How the client lives: House / apartment, Co-op apartment, Municipal apartment, Office apartment,
    Rented apartment or With parents."""
    REGION_POPULATION_RELATIVE: Share | None = None
    """Population of the client's region, normalised; higher is more populated."""
    DAYS_BIRTH: DaysOfLife
    """Age in days as a negative number, counted from the application."""
    DAYS_EMPLOYED: DaysEmployed | None = None
    """Start of the present job in days before the application (negative); 365243 means none."""
    DAYS_REGISTRATION: DaysBefore | None = None
    """Last change of the registration, in days before the application."""
    DAYS_ID_PUBLISH: DaysBefore | None = None
    """Last change of the identity document, in days before the application."""
    OWN_CAR_AGE: Years | None = None
    """Age of the client's car in years."""
    FLAG_MOBIL: Flag | None = None
    """Whether a mobile phone number was given."""
    FLAG_EMP_PHONE: Flag | None = None
    """Whether a work phone number was given."""
    FLAG_WORK_PHONE: Flag | None = None
    """Whether a phone number at work was given as home phone."""
    FLAG_CONT_MOBILE: Flag | None = None
    """Whether the mobile phone could be reached."""
    FLAG_PHONE: Flag | None = None
    """Whether a home phone number was given."""
    FLAG_EMAIL: Flag | None = None
    """Whether an e-mail address was given."""
    OCCUPATION_TYPE: Category | None = None
    """Occupation of the client: Accountants, Cleaning staff, Cooking staff, Core staff, Drivers, HR staff,
    High skill tech staff, IT staff, Laborers, Low-skill Laborers, Managers, Medicine staff, Private service
    staff, Realty agents, Sales staff, Secretaries, Security staff or Waiters/barmen staff."""
    CNT_FAM_MEMBERS: Count | None = None
    """Family members of the client, the client included."""
    REGION_RATING_CLIENT: RegionRating | None = None
    """The lender's rating of the client's region, 1 to 3."""
    REGION_RATING_CLIENT_W_CITY: RegionRating | None = None
    """The same rating with the city taken into account."""
    WEEKDAY_APPR_PROCESS_START: Weekday | None = None
    """Day of the week of the application."""
    HOUR_APPR_PROCESS_START: Hour | None = None
    """Hour of the day of the application."""
    REG_REGION_NOT_LIVE_REGION: Flag | None = None
    """Whether permanent and contact address are in different regions."""
    REG_REGION_NOT_WORK_REGION: Flag | None = None
    """Whether permanent and work address are in different regions."""
    LIVE_REGION_NOT_WORK_REGION: Flag | None = None
    """Whether contact and work address are in different regions."""
    REG_CITY_NOT_LIVE_CITY: Flag | None = None
    """Whether permanent and contact address are in different cities."""
    REG_CITY_NOT_WORK_CITY: Flag | None = None
    """Whether permanent and work address are in different cities."""
    LIVE_CITY_NOT_WORK_CITY: Flag | None = None
    """Whether contact and work address are in different cities."""
    ORGANIZATION_TYPE: Category | None = None
    """Kind of organisation the client works for: XNA where there is none, Advertising, Agriculture, Bank,
    Business Entity Type 1 to 3, Cleaning, Construction, Culture, Electricity, Emergency, Government, Hotel,
    Housing, Industry: type 1 to 13, Insurance, Kindergarten, Legal Services, Medicine, Military, Mobile,
    Other, Police, Postal, Realtor, Religion, Restaurant, School, Security, Security Ministries,
    Self-employed, Services, Telecom, Trade: type 1 to 7, Transport: type 1 to 4 or University."""
    EXT_SOURCE_1: Share | None = None
    """Normalised score of external source 1; higher is safer."""
    EXT_SOURCE_2: Share | None = None
    """Normalised score of external source 2; higher is safer."""
    EXT_SOURCE_3: Share | None = None
    """Normalised score of external source 3; higher is safer."""
    APARTMENTS_AVG: Share | None = None
    """Building the client lives in: apartments, average, normalised."""
    BASEMENTAREA_AVG: Share | None = None
    """Building the client lives in: basement area, average, normalised."""
    YEARS_BEGINEXPLUATATION_AVG: Share | None = None
    """Building the client lives in: years in use, average, normalised."""
    YEARS_BUILD_AVG: Share | None = None
    """Building the client lives in: year of construction, average, normalised."""
    COMMONAREA_AVG: Share | None = None
    """Building the client lives in: common area, average, normalised."""
    ELEVATORS_AVG: Share | None = None
    """Building the client lives in: elevators, average, normalised."""
    ENTRANCES_AVG: Share | None = None
    """Building the client lives in: entrances, average, normalised."""
    FLOORSMAX_AVG: Share | None = None
    """Building the client lives in: highest floor, average, normalised."""
    FLOORSMIN_AVG: Share | None = None
    """Building the client lives in: lowest floor, average, normalised."""
    LANDAREA_AVG: Share | None = None
    """Building the client lives in: land area, average, normalised."""
    LIVINGAPARTMENTS_AVG: Share | None = None
    """Building the client lives in: living apartments, average, normalised."""
    LIVINGAREA_AVG: Share | None = None
    """Building the client lives in: living area, average, normalised."""
    NONLIVINGAPARTMENTS_AVG: Share | None = None
    """Building the client lives in: non-living apartments, average, normalised."""
    NONLIVINGAREA_AVG: Share | None = None
    """Building the client lives in: non-living area, average, normalised."""
    APARTMENTS_MODE: Share | None = None
    """Building the client lives in: apartments, mode, normalised."""
    BASEMENTAREA_MODE: Share | None = None
    """Building the client lives in: basement area, mode, normalised."""
    YEARS_BEGINEXPLUATATION_MODE: Share | None = None
    """Building the client lives in: years in use, mode, normalised."""
    YEARS_BUILD_MODE: Share | None = None
    """Building the client lives in: year of construction, mode, normalised."""
    COMMONAREA_MODE: Share | None = None
    """Building the client lives in: common area, mode, normalised."""
    ELEVATORS_MODE: Share | None = None
    """Building the client lives in: elevators, mode, normalised."""
    ENTRANCES_MODE: Share | None = None
    """Building the client lives in: entrances, mode, normalised."""
    FLOORSMAX_MODE: Share | None = None
    """Building the client lives in: highest floor, mode, normalised."""
    FLOORSMIN_MODE: Share | None = None
    """Building the client lives in: lowest floor, mode, normalised."""
    LANDAREA_MODE: Share | None = None
    """Building the client lives in: land area, mode, normalised."""
    LIVINGAPARTMENTS_MODE: Share | None = None
    """Building the client lives in: living apartments, mode, normalised."""
    LIVINGAREA_MODE: Share | None = None
    """Building the client lives in: living area, mode, normalised."""
    NONLIVINGAPARTMENTS_MODE: Share | None = None
    """Building the client lives in: non-living apartments, mode, normalised."""
    NONLIVINGAREA_MODE: Share | None = None
    """Building the client lives in: non-living area, mode, normalised."""
    APARTMENTS_MEDI: Share | None = None
    """Building the client lives in: apartments, median, normalised."""
    BASEMENTAREA_MEDI: Share | None = None
    """Building the client lives in: basement area, median, normalised."""
    YEARS_BEGINEXPLUATATION_MEDI: Share | None = None
    """Building the client lives in: years in use, median, normalised."""
    YEARS_BUILD_MEDI: Share | None = None
    """Building the client lives in: year of construction, median, normalised."""
    COMMONAREA_MEDI: Share | None = None
    """Building the client lives in: common area, median, normalised."""
    ELEVATORS_MEDI: Share | None = None
    """Building the client lives in: elevators, median, normalised."""
    ENTRANCES_MEDI: Share | None = None
    """Building the client lives in: entrances, median, normalised."""
    FLOORSMAX_MEDI: Share | None = None
    """Building the client lives in: highest floor, median, normalised."""
    FLOORSMIN_MEDI: Share | None = None
    """Building the client lives in: lowest floor, median, normalised."""
    LANDAREA_MEDI: Share | None = None
    """Building the client lives in: land area, median, normalised."""
    LIVINGAPARTMENTS_MEDI: Share | None = None
    """Building the client lives in: living apartments, median, normalised."""
    LIVINGAREA_MEDI: Share | None = None
    """Building the client lives in: living area, median, normalised."""
    NONLIVINGAPARTMENTS_MEDI: Share | None = None
    """Building the client lives in: non-living apartments, median, normalised."""
    NONLIVINGAREA_MEDI: Share | None = None
    """Building the client lives in: non-living area, median, normalised."""
    FONDKAPREMONT_MODE: Category | None = None
    """Building: which fund pays for repairs: reg oper account, reg oper spec account, org spec account or
    not specified."""
    HOUSETYPE_MODE: Category | None = None
    """Building: block of flats, specific housing or terraced house."""
    TOTALAREA_MODE: Share | None = None
    """Building: total area, mode, normalised."""
    WALLSMATERIAL_MODE: Category | None = None
    """Building: material of the walls: Block; Mixed; Monolithic; Others; Panel; Stone, brick; or Wooden."""
    EMERGENCYSTATE_MODE: EmergencyState | None = None
    """Building: whether it is in a state of emergency."""
    OBS_30_CNT_SOCIAL_CIRCLE: Count | None = None
    """People around the client who could be seen 30 days past due."""
    DEF_30_CNT_SOCIAL_CIRCLE: Count | None = None
    """People around the client who were 30 days past due."""
    OBS_60_CNT_SOCIAL_CIRCLE: Count | None = None
    """People around the client who could be seen 60 days past due."""
    DEF_60_CNT_SOCIAL_CIRCLE: Count | None = None
    """People around the client who were 60 days past due."""
    DAYS_LAST_PHONE_CHANGE: DaysBefore | None = None
    """Last change of phone, in days before the application."""
    FLAG_DOCUMENT_2: Flag | None = None
    """Whether document 2 was handed in."""
    FLAG_DOCUMENT_3: Flag | None = None
    """Whether document 3 was handed in."""
    FLAG_DOCUMENT_4: Flag | None = None
    """Whether document 4 was handed in."""
    FLAG_DOCUMENT_5: Flag | None = None
    """Whether document 5 was handed in."""
    FLAG_DOCUMENT_6: Flag | None = None
    """Whether document 6 was handed in."""
    FLAG_DOCUMENT_7: Flag | None = None
    """Whether document 7 was handed in."""
    FLAG_DOCUMENT_8: Flag | None = None
    """Whether document 8 was handed in."""
    FLAG_DOCUMENT_9: Flag | None = None
    """Whether document 9 was handed in."""
    FLAG_DOCUMENT_10: Flag | None = None
    """Whether document 10 was handed in."""
    FLAG_DOCUMENT_11: Flag | None = None
    """Whether document 11 was handed in."""
    FLAG_DOCUMENT_12: Flag | None = None
    """Whether document 12 was handed in."""
    FLAG_DOCUMENT_13: Flag | None = None
    """Whether document 13 was handed in."""
    FLAG_DOCUMENT_14: Flag | None = None
    """Whether document 14 was handed in."""
    FLAG_DOCUMENT_15: Flag | None = None
    """Whether document 15 was handed in."""
    FLAG_DOCUMENT_16: Flag | None = None
    """Whether document 16 was handed in."""
    FLAG_DOCUMENT_17: Flag | None = None
    """Whether document 17 was handed in."""
    FLAG_DOCUMENT_18: Flag | None = None
    """Whether document 18 was handed in."""
    FLAG_DOCUMENT_19: Flag | None = None
    """Whether document 19 was handed in."""
    FLAG_DOCUMENT_20: Flag | None = None
    """Whether document 20 was handed in."""
    FLAG_DOCUMENT_21: Flag | None = None
    """Whether document 21 was handed in."""
    AMT_REQ_CREDIT_BUREAU_HOUR: Count | None = None
    """Enquiries about the client at the credit bureau in the last hour."""
    AMT_REQ_CREDIT_BUREAU_DAY: Count | None = None
    """Enquiries about the client at the credit bureau in the last day, the last hour left out."""
    AMT_REQ_CREDIT_BUREAU_WEEK: Count | None = None
    """Enquiries about the client at the credit bureau in the last week, the last day left out."""
    AMT_REQ_CREDIT_BUREAU_MON: Count | None = None
    """Enquiries about the client at the credit bureau in the last month, the last week left out."""
    AMT_REQ_CREDIT_BUREAU_QRT: Count | None = None
    """Enquiries about the client at the credit bureau in the last quarter, the last month left out."""
    AMT_REQ_CREDIT_BUREAU_YEAR: Count | None = None
    """Enquiries about the client at the credit bureau in the last year, the last quarter left out."""
