/* Every public header must compile on its own, twice. */
#include LCT_TEST_HEADER
#include LCT_TEST_HEADER

int main(void)
{
    return 0;
}
