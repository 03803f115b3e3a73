// Asks again for the page that had no place; not all who wait at the same moment.
setTimeout(() => location.reload(), 2000 + 2000 * Math.random());
