"""Template filter of amounts of money: {{ 12000|money }} is $12,000."""

from django import template

from crm import formatting

register = template.Library()
register.filter("money", formatting.format_money)
