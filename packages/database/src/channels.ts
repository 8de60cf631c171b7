/** Where a committed batch is announced: `<event id>:<last decided seq>`. One notification per batch. */
export const decidedChannel = "onsale_decided";

/** Where a new event or a change of its ticket types is announced: `<account id>:<event code>`. */
export const catalogueChannel = "onsale_catalogue";
