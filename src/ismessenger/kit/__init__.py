"""Clock, ids, secrets, requests, paging: what every module needs and no word of the business."""
