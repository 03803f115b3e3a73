"""The forms in steps: each module or package in here declares one, a `WizardForm`, or two that share their steps.

A form is found by being here (`ehtoolkit.forms.registry`). What it needs besides is its catalogue in four languages
and its page in the guides.
"""
