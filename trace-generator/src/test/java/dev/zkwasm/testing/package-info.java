/** What several tests of this module share. */
package dev.zkwasm.testing;
