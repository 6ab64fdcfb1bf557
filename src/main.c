/* masscan: wire the rooms together, run, exit. */
int main(void)
{
    return 1;
}
