// Asks again for the page that had no place; not all who wait at the same moment.
setTimeout(() => location.reload(), 1500 + 1500 * Math.random());
