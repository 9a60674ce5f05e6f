"""What apps above the CRM show on its pages. It knows none of them: at the start they add themselves.

A panel is called with the request and the record, and answers with an object that brings `template` (what
stands below the record) and `action` (a template among the buttons on top), either of them or "".
"""

COMPANY = []
OPPORTUNITY = []
